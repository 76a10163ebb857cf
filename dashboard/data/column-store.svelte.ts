import { builtInColumns, type Column } from './columns.ts';
import { dataColumn, keyOfData, nameOfKey } from './data-columns.ts';
import type { Dataset } from './dataset.ts';
import type { ModelClient } from './model-client.ts';

/** With at most this many values, all columns of the data are read at once; else each when it is asked for. */
const READ_AT_ONCE = 1_000_000;

/** The columns of the map's points that the views filter, sort and colour by: the built-in ones, then those of the data. */
export class ColumnStore {
  readonly #dataset: Dataset;
  readonly #model: ModelClient;
  readonly #builtIn: Column[];
  readonly #asked = new Set<string>();
  #read = $state.raw<ReadonlyMap<string, Column>>(new Map());
  /** Every column of the data that can be asked for. */
  readonly available: readonly { key: string; name: string }[];
  /** The columns that are there. */
  readonly columns = $derived.by(() => {
    const own = this.available.flatMap(({ key }) => this.#read.get(key) ?? []);
    return [...this.#builtIn, ...own];
  });
  /** Why a column cannot be read, in a sentence. */
  failure = $state('');

  constructor(dataset: Dataset, model: ModelClient) {
    this.#dataset = dataset;
    this.#model = model;
    this.#builtIn = builtInColumns(dataset);
    const { data, rows } = dataset.manifest;
    this.available = rows?.values
      ? Array.from({ length: data.features }, (_, j) => ({
          key: keyOfData(data, j),
          name: nameOfKey(keyOfData(data, j))!,
        }))
      : [];
    if (dataset.points.count * data.features <= READ_AT_ONCE) this.ask(this.available.map(({ key }) => key));
  }

  /** Reads the columns with these keys, unless they are there. Other keys are ignored. */
  ask(keys: readonly string[]): void {
    const { data } = this.#dataset.manifest;
    for (const [j, { key, name }] of this.available.entries()) {
      if (!keys.includes(key) || this.#asked.has(key)) continue;
      this.#asked.add(key);
      this.#model.column(name).then(
        (values) => {
          this.#read = new Map(this.#read).set(key, dataColumn(data, j, values));
        },
        (error: Error) => {
          this.#asked.delete(key);
          this.failure = error.message;
        },
      );
    }
  }
}
