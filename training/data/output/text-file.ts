import { type FileHandle, open } from 'node:fs/promises';
import type { TextFormat, Values } from '../../../bundle/tables/text.ts';
import type { RowWriter } from './row-writer.ts';

/** Writes rows to a text file. */
export class TextFileWriter implements RowWriter {
  readonly #file: FileHandle;
  readonly #format: TextFormat;
  #begun = false;

  /** Opens a file that is there, and empty. One that was deleted meanwhile, at the end of the process, stays deleted. */
  static async open(path: string, format: TextFormat): Promise<TextFileWriter> {
    return new TextFileWriter(await open(path, 'r+'), format);
  }

  private constructor(file: FileHandle, format: TextFormat) {
    this.#file = file;
    this.#format = format;
  }

  async write(columns: readonly Values[], count: number): Promise<void> {
    await this.#begin();
    await this.#file.appendFile(this.#format.formatRows(columns, count));
  }

  async finish(): Promise<void> {
    await this.#begin();
    await this.#file.close();
  }

  async abort(): Promise<void> {
    await this.#file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abort();
  }

  async #begin(): Promise<void> {
    if (!this.#begun) await this.#file.appendFile(this.#format.head);
    this.#begun = true;
  }
}
