/** Milliseconds for which the address waits for further changes of a step. */
const PAUSE = 200;

/**
 * The address of the page. Browsers ignore or refuse changes that follow one another too fast, as while a slider is
 * dragged, so more of a step waits until there is no more of it.
 */
export class Address {
  /** What the address will be, if that waits. */
  #waiting: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The part of the address from `#` on, as it is or soon will be. */
  get hash(): string {
    return this.#waiting ?? location.hash;
  }

  /** Begins a step, which Back undoes. */
  push(hash: string): void {
    this.flush();
    history.pushState(null, '', hash);
  }

  /** Changes the last step. */
  replace(hash: string): void {
    this.#waiting = hash;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), PAUSE);
  }

  /** Writes what waits. */
  flush(): void {
    const waiting = this.#waiting;
    this.drop();
    if (waiting !== undefined) history.replaceState(null, '', waiting);
  }

  /** Forgets what waits, as when the browser has gone to another address. */
  drop(): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
  }
}

/** A page has one. */
export const address = new Address();
