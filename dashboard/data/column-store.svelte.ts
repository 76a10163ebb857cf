import type { Manifest } from '../../bundle/manifest.ts';
import type { RecordValue } from '../../bundle/record.ts';
import { nameRowColumns } from '../../bundle/row-columns.ts';
import { ROWS_FILE, WHOLE_ROWS_BYTES } from '../../bundle/rows-schema.ts';
import { builtInColumns, type Column } from './columns.ts';
import { dataColumn, detectorColumn, keyOfData, nameOfKey } from './data-columns.ts';
import type { Dataset } from './dataset.ts';
import { detectorName } from './detectors.ts';
import type { ModelClient } from './model-client.ts';

/** A column that is read from `rows.parquet`: what the file calls it, and how its values make the column. */
interface Kept {
  key: string;
  name: string;
  stored: string;
  from: (values: readonly RecordValue[]) => Column;
}

/** The columns of the map's points that the views filter, sort and colour by: the built-in ones, then those of the data. */
export class ColumnStore {
  readonly #model: ModelClient;
  readonly #builtIn: Column[];
  readonly #asked = new Set<string>();
  #read = $state.raw<ReadonlyMap<string, Column>>(new Map());
  /** Every column of the rows that can be asked for. */
  readonly available: readonly Kept[];
  /** The columns that are there. */
  readonly columns = $derived.by(() => {
    const own = this.available.flatMap(({ key }) => this.#read.get(key) ?? []);
    return [...this.#builtIn, ...own];
  });
  /** What can be chosen, whether it is there or not. */
  readonly names: readonly { key: string; name: string }[];
  /** Why a column cannot be read, in a sentence. */
  failure = $state('');

  constructor(dataset: Dataset, model: ModelClient) {
    this.#model = model;
    this.#builtIn = builtInColumns(dataset);
    this.available = listKept(dataset.manifest);
    this.names = [...this.#builtIn, ...this.available].map(({ key, name }) => ({ key, name }));
    // Of a larger file, each column is read when it is asked for.
    const bytes = dataset.manifest.files.find(({ name }) => name === ROWS_FILE)?.bytes ?? 0;
    if (bytes <= WHOLE_ROWS_BYTES) this.ask(this.available.map(({ key }) => key));
  }

  /** Reads the columns with these keys, unless they are there. Other keys are ignored. */
  ask(keys: readonly string[]): void {
    for (const { key, name, stored, from } of this.available) {
      if (!keys.includes(key) || this.#asked.has(key)) continue;
      this.#asked.add(key);
      this.#model.column(stored).then(
        (values) => {
          this.#read = new Map(this.#read).set(key, from(values));
        },
        (error: Error) => {
          this.#asked.delete(key);
          this.failure = `${name} cannot be read: ${error.message}`;
        },
      );
    }
  }
}

/** The data's own columns and the detectors' surprises, where a bundle keeps its rows. */
function listKept(manifest: Manifest): Kept[] {
  const { data, rows, scorer } = manifest;
  if (!rows) return [];
  const { values, surprises } = nameRowColumns(manifest, rows);
  const own = values.map((stored, j): Kept => {
    const key = keyOfData(data, j);
    return { key, name: nameOfKey(key)!, stored, from: (found) => dataColumn(data, j, found) };
  });
  const detectors = scorer.detectors.map((detector, d): Kept => {
    const [key, name] = [`detector.${detector.name}`, detectorName(detector)];
    return { key, name, stored: surprises[d]!, from: (found) => detectorColumn(key, name, found) };
  });
  return [...own, ...detectors];
}
