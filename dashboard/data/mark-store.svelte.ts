import { formatMarks, type Marked, parseMarks, UNMARKED } from './marks.ts';

/** The marks of a model's points, which this browser keeps under the model's id where storage is allowed. */
export class MarkStore {
  readonly #key: string;
  readonly #count: number;
  /** Whether the browser keeps marks. Without storage, or once it is full, they last for this visit. */
  #keeps = true;
  #marks = $state.raw<ReadonlyMap<number, Marked>>(new Map());

  constructor(modelId: string, count: number) {
    this.#key = `offmanifold-marks-${modelId}`;
    this.#count = count;
    this.#marks = this.#read();
  }

  get all(): ReadonlyMap<number, Marked> {
    return this.#marks;
  }

  of(index: number): Marked {
    return this.#marks.get(index) ?? UNMARKED;
  }

  /** Changes the mark or the note of a point. */
  set(index: number, change: Partial<Marked>): void {
    // Another tab may have marked points since the marks were read.
    const marks = new Map(this.#read());
    const next = { ...(marks.get(index) ?? UNMARKED), ...change };
    if (next.mark === '' && next.note === '') marks.delete(index);
    else marks.set(index, next);
    this.#marks = marks;
    try {
      if (this.#keeps) localStorage.setItem(this.#key, formatMarks(marks));
    } catch {
      this.#keeps = false;
    }
  }

  /** Shows what another tab has marked. `key` is null where that cleared the storage. */
  follow({ key }: Pick<StorageEvent, 'key'>): void {
    if (key === null || key === this.#key) this.#marks = this.#read();
  }

  #read(): ReadonlyMap<number, Marked> {
    if (!this.#keeps) return this.#marks;
    try {
      return parseMarks(localStorage.getItem(this.#key), this.#count);
    } catch {
      this.#keeps = false;
      return this.#marks;
    }
  }
}
