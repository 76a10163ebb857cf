/**
 * How long the steps of an answer take, for the header `Server-Timing`. A step that the clock did not see is left out: on
 * Cloudflare, clocks stand still while code runs, so only waiting shows there.
 */
export class Stopwatch {
  readonly #steps: string[] = [];
  #last = performance.now();

  /** Ends the step that began with the one before. */
  lap(name: string): void {
    const now = performance.now();
    if (now > this.#last) this.#steps.push(`${name};dur=${(now - this.#last).toFixed(2)}`);
    this.#last = now;
  }

  get headers(): Record<string, string> {
    return this.#steps.length === 0 ? {} : { 'Server-Timing': this.#steps.join(', ') };
  }
}
