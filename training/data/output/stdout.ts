import { UserError } from '../../../bundle/error.ts';
import { reason } from '../../../bundle/system-error.ts';
import type { TextFormat, Values } from '../../../bundle/tables/text.ts';
import type { RowWriter } from './row-writer.ts';

/** Whoever reads standard output has closed it, as `head` does once it has enough: not a failure. */
export class ClosedOutputError extends Error {
  override readonly name = 'ClosedOutputError';
}

/** Writes rows to standard output. Throws a {@link ClosedOutputError} once its reader has closed it, else a {@link UserError}. */
export class StdoutWriter implements RowWriter {
  readonly #format: TextFormat;
  #begun = false;

  constructor(format: TextFormat) {
    this.#format = format;
    // `write` throws the errors. Without a listener they would also end the process, and so would the program's own
    // listener, while threads still compute.
    process.stdout.removeAllListeners('error').on('error', ignoreError);
  }

  async write(columns: readonly Values[], count: number): Promise<void> {
    const head = this.#begun ? '' : this.#format.head;
    this.#begun = true;
    const text = head + this.#format.formatRows(columns, count);
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(text, (error?: NodeJS.ErrnoException | null) => {
        if (!error) resolve();
        else reject(explain(error));
      });
    });
  }

  async finish(): Promise<void> {
    if (!this.#begun) await this.write([], 0);
  }

  async abort(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}

const ignoreError = () => {};

const explain = (error: NodeJS.ErrnoException): Error =>
  error.code === 'EPIPE'
    ? new ClosedOutputError('standard output is closed')
    : new UserError(`standard output cannot be written: ${reason(error)}`);
