import { formatMarks, type Marked, parseMarks, UNMARKED } from './marks.ts';

/** The marks of a model's points, which this browser keeps under the model's id where storage is allowed. */
export class MarkStore {
  readonly #key: string;
  #marks = $state.raw<ReadonlyMap<number, Marked>>(new Map());

  constructor(modelId: string, count: number) {
    this.#key = `offmanifold-marks-${modelId}`;
    let kept: string | null = null;
    try {
      kept = localStorage.getItem(this.#key);
    } catch {
      // Without storage the marks last for this visit.
    }
    this.#marks = parseMarks(kept, count);
  }

  get all(): ReadonlyMap<number, Marked> {
    return this.#marks;
  }

  of(index: number): Marked {
    return this.#marks.get(index) ?? UNMARKED;
  }

  /** Changes the mark or the note of a point. */
  set(index: number, change: Partial<Marked>): void {
    const marks = new Map(this.#marks);
    const next = { ...this.of(index), ...change };
    if (next.mark === '' && next.note === '') marks.delete(index);
    else marks.set(index, next);
    this.#marks = marks;
    try {
      localStorage.setItem(this.#key, formatMarks(marks));
    } catch {
      // As above.
    }
  }
}
