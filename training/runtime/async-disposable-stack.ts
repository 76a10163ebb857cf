// Kept in the declarations, for programs that are compiled without the types of Node.
/// <reference lib="esnext.disposable" preserve="true" />

/** The standard AsyncDisposableStack, which Node 22 lacks: releases resources, the last one first, whatever fails. */
export class Stack implements AsyncDisposableStack {
  readonly [Symbol.toStringTag] = 'AsyncDisposableStack';
  #releases: (() => PromiseLike<void> | void)[] = [];
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  use<T extends AsyncDisposable | Disposable | null | undefined>(value: T): T {
    this.#assertOpen();
    if (value == null) return value;
    const dispose =
      Symbol.asyncDispose in value ? value[Symbol.asyncDispose] : (value as Disposable)[Symbol.dispose];
    if (typeof dispose !== 'function') throw new TypeError('the value is not disposable');
    this.#releases.push(() => dispose.call(value));
    return value;
  }

  adopt<T>(value: T, release: (value: T) => PromiseLike<void> | void): T {
    this.defer(() => release(value));
    return value;
  }

  defer(release: () => PromiseLike<void> | void): void {
    this.#assertOpen();
    this.#releases.push(release);
  }

  move(): Stack {
    this.#assertOpen();
    const moved = new Stack();
    moved.#releases = this.#releases;
    this.#releases = [];
    this.#disposed = true;
    return moved;
  }

  async disposeAsync(): Promise<void> {
    this.#disposed = true;
    const errors: unknown[] = [];
    for (let release = this.#releases.pop(); release; release = this.#releases.pop()) {
      try {
        await release();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 1) throw new AggregateError(errors, 'several resources could not be released');
    if (errors.length > 0) throw errors[0];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.disposeAsync();
  }

  #assertOpen(): void {
    if (this.#disposed) throw new ReferenceError('the stack is disposed');
  }
}

globalThis.AsyncDisposableStack ??= Stack;
