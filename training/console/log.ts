import { appendFileSync, writeFileSync } from 'node:fs';
import { UserError } from '../../bundle/error.ts';
import { writingReason } from '../../bundle/system-error.ts';

/** The log cannot be written. The message says where and why. */
export class LogError extends UserError {
  override readonly name = 'LogError';
}

/** The events of a run as NDJSON, each with the seconds since the log was opened. */
export class EventLog {
  readonly #path: string;
  readonly #began = performance.now();

  /** Empties the file, or appends to it. Throws a {@link LogError} if it cannot be written. */
  constructor(path: string, append: boolean) {
    this.#path = path;
    this.#attempt(() => writeFileSync(path, '', { flag: append ? 'a' : 'w' }));
  }

  write(event: string, fields: Record<string, unknown>): void {
    const seconds = Math.round(performance.now() - this.#began) / 1000;
    this.#attempt(() => appendFileSync(this.#path, `${JSON.stringify({ event, seconds, ...fields })}\n`));
  }

  #attempt(write: () => void): void {
    try {
      write();
    } catch (error) {
      throw new LogError(`${this.#path}: the log cannot be written: ${writingReason(error, this.#path)}`);
    }
  }
}
