import type { Values } from '../../../bundle/tables/text.ts';

/**
 * Writes rows in order. The output appears only with `finish`. Disposing of a writer that has not finished discards
 * what it has written.
 */
export interface RowWriter extends AsyncDisposable {
  write(columns: readonly Values[], count: number): void | Promise<void>;
  finish(): Promise<void>;
  /** Discards what was written, unless it is finished. */
  abort(): Promise<void>;
}
