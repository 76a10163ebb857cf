/** Notices that something has been silent for too long: then it hangs, and is not only slow. */
export class Silence implements Disposable {
  readonly #controller = new AbortController();
  readonly #ms: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number) {
    this.#ms = ms;
    this.#timer = this.#start();
  }

  /** Aborted once nothing has been heard for so long. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** To be called for each sign of life. */
  heard(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(), this.#ms);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
