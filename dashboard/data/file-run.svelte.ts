import type { NamedFile } from '../files/text-file.ts';
import type { FileResult } from './file-result.ts';
import type { ModelClient } from './model-client.ts';
import type { Progress } from './protocol.ts';

/** Scores dropped files, one drop at a time, and keeps what came out. Results of an earlier drop are replaced. */
export class FileRun {
  readonly #model: () => ModelClient;
  #latest = 0;
  /** Undefined while nothing is being scored. */
  progress = $state.raw<Progress>();
  result = $state.raw<FileResult>();
  /** Why there are no results, in one sentence. */
  failure = $state('');

  constructor(model: () => ModelClient) {
    this.#model = model;
  }

  async start(files: readonly NamedFile[]): Promise<void> {
    const run = ++this.#latest;
    this.failure = '';
    this.result = undefined;
    this.progress = { loaded: 0, total: 0, file: files[0]?.path ?? '' };
    try {
      const result = await this.#model().scoreFiles(files, (progress) => {
        if (run === this.#latest) this.progress = progress;
      });
      if (run === this.#latest) this.result = result;
    } catch (error) {
      if (run === this.#latest) this.failure = (error as Error).message;
    } finally {
      if (run === this.#latest) this.progress = undefined;
    }
  }

  cancel(): void {
    this.#latest++;
    this.progress = undefined;
    void this.#model().cancelFiles();
  }
}
