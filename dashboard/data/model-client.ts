import { lazily } from '../common/lazily.ts';
import type { NamedFile } from '../files/text-file.ts';
import type { PictureName } from './dataset.ts';
import type { Level } from './file-result.ts';
import type { Places } from './landscape.ts';
import type { Call, CallName, Calls, Progress, Reply } from './protocol.ts';
import type { Scored } from './shared-rows.ts';

interface Pending {
  resolve: (result: Calls[CallName]['result']) => void;
  reject: (error: Error) => void;
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** The page's side of the worker that reads the bundle and runs the model, off the main thread. */
export class ModelClient {
  readonly #worker = new Worker(new URL('./model.worker.ts', import.meta.url), { type: 'module' });
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => {
      const pending = this.#pending.get(data.id);
      if (!pending) return;
      if (data.kind === 'progress') return pending.onProgress?.(data.progress);
      this.#pending.delete(data.id);
      if (data.kind === 'result') pending.resolve(data.result);
      else pending.reject(new Error(data.message));
    };
    this.#worker.onerror = () => {
      for (const { reject } of this.#pending.values()) {
        reject(new Error('This browser could not start the worker that reads the model.'));
      }
      this.#pending.clear();
    };
  }

  /** Every number and curve of the report; the first call reads it. */
  readonly report = lazily(() => this.#call('report', undefined));

  /** The frames of the map, if the bundle has some; the first call reads them. */
  readonly frames = lazily(() => this.#call('frames', undefined));

  /** Ends the worker. What it was asked and has not answered stays unanswered. */
  close(): void {
    this.#worker.terminate();
  }

  /** Reads and checks a bundle's manifest and map at an address that ends in `/`. Rejects with one sentence if it is damaged. */
  open(base: string, onProgress: (progress: Progress) => void) {
    return this.#call('open', { base }, onProgress);
  }

  /** Checks what reading the map did not need: the manifest, by its schema. Rejects with one sentence if it is invalid. */
  check() {
    return this.#call('check', undefined);
  }

  /** The names of the models of the site at an address, the one that the API serves first; none if it has one. Rejects with one sentence if they cannot be read. */
  models(site: string) {
    return this.#call('models', { site });
  }

  /** Finds the rows that two maps both have, and compares the scores of two models for them. */
  compare(first: Scored, second: Scored, significance: number) {
    return this.#call('compare', { first, second, significance });
  }

  /** Keeps what other views need in this browser, for when there is no connection. */
  keep() {
    return this.#call('keep', undefined);
  }

  /** A WebP file of the bundle. */
  picture(name: PictureName) {
    return this.#call('picture', { name });
  }

  /** A sheet of thumbnails, decoded to one byte per channel. */
  sheet(sheet: number) {
    return this.#call('sheet', { sheet });
  }

  /** Where the points that are shown lie on the map: how densely, and in which groups. */
  landscape(places: Places) {
    return this.#call('landscape', places);
  }

  /** The points whose codes are nearest to a point's code, nearest first, without the point itself. */
  neighbours(index: number, count: number) {
    return this.#call('neighbours', { index, count });
  }

  /** Scores one sample (raw values) with `scorer.onnx` in this browser; the first call loads it. */
  score(sample: Float32Array) {
    return this.#call('score', { sample });
  }

  /** Scores one sample with onnxruntime-web; the first call fetches it. */
  secondOpinion(sample: Float32Array) {
    return this.#call('secondOpinion', { sample });
  }

  /**
   * What the model expects of a point of the map: its code decoded, in raw units. The bundle keeps codes to 8 bits a
   * number, so this is not exactly the reconstruction.
   */
  expected(index: number) {
    return this.#call('expected', { index });
  }

  /** What the bundle keeps of the rows of some points. Rejects if it keeps none. */
  rows(indices: number[]) {
    return this.#call('rows', { indices });
  }

  /** A column of the data or of the ids, for all points. */
  column(name: string) {
    return this.#call('column', { name });
  }

  /** The features with the largest shares, for all points. */
  reasons() {
    return this.#call('reasons', {});
  }

  /**
   * Scores every row of dropped files in this browser. Rejects with one sentence that names file, row and column of what
   * cannot be read, or if {@link cancelFiles} is called meanwhile.
   */
  scoreFiles(files: readonly NamedFile[], onProgress: (progress: Progress) => void) {
    return this.#call('scoreFiles', { files }, onProgress);
  }

  /** The date columns of the last files, and what moved with them. */
  fileDates() {
    return this.#call('fileDates', {});
  }

  /** A photo fitted to the model's images: its brightness, 0..255. Rejects if this browser cannot decode it. */
  photo(file: NamedFile) {
    return this.#call('photo', { file });
  }

  /** Stops scoring files. */
  cancelFiles() {
    return this.#call('cancelFiles', {});
  }

  /** The scores of the last files, as the table that `offmanifold score` writes. */
  exportScores(level: Level) {
    return this.#call('exportScores', { level });
  }

  /** Scores one sample through the API. Rejects with one sentence if the API cannot score it. */
  scoreByApi(sample: Float32Array) {
    return this.#call('scoreByApi', { url: new URL('./api/v1/score', document.baseURI).href, sample });
  }

  #call<Name extends CallName>(
    name: Name,
    params: Calls[Name]['params'],
    onProgress?: (progress: Progress) => void,
  ): Promise<Calls[Name]['result']> {
    const id = ++this.#last;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress });
      this.#worker.postMessage({ id, name, params } as Call);
    });
  }
}
