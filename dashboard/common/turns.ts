/** Tells whether what was begun is still wanted when it is done, or the user has begun something newer. */
export class Turns {
  #latest = 0;

  /** Begins something newer. What it returns says whether that is still the newest. */
  begin(): () => boolean {
    const turn = ++this.#latest;
    return () => turn === this.#latest;
  }

  /** Hands on what loads, or why it does not, unless something newer has begun meanwhile. */
  load<T>(loading: Promise<T>, take: (loaded: T) => void, fail: (error: Error) => void): void {
    const isLatest = this.begin();
    loading.then(
      (loaded) => {
        if (isLatest()) take(loaded);
      },
      (error: Error) => {
        if (isLatest()) fail(error);
      },
    );
  }
}
