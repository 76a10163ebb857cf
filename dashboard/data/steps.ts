/** How long a change may follow another of the same kind and still belong to the same step, in milliseconds. */
const PAUSE = 1000;

/** Tells the steps that Back should undo one by one from the many small changes of which a drag consists. */
export class Steps {
  #action = '';
  #at = -Infinity;

  /**
   * Whether a change at a time, in milliseconds, begins a step. A change without a name always does; one with a name
   * does not soon after another of that name, as while a slider is dragged; `settle` never does, as for a map that has
   * come to rest.
   */
  isNew(action: string, at: number): boolean {
    if (action === 'settle') return false;
    const goesOn = action !== '' && action === this.#action && at - this.#at < PAUSE;
    this.#action = action;
    this.#at = at;
    return !goesOn;
  }
}
