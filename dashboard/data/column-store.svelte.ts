import { tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { RecordValue } from '../../bundle/record.ts';
import { nameRowColumns } from '../../bundle/row-columns.ts';
import { ROWS_FILE, WHOLE_ROWS_BYTES } from '../../bundle/rows-file.ts';
import { builtInColumns, type Column } from './columns.ts';
import { dataColumn, detectorColumn, keyOfData, nameOfKey } from './data-columns.ts';
import { type Dataset, nameIds } from './dataset.ts';
import { detectorName } from './detectors.ts';
import type { Ids, MapColumns } from './map-columns.ts';
import type { ModelClient } from './model-client.ts';
import { createSearch } from './search.ts';
import { capitalise } from './terms.ts';

/** A column that is read from `rows.parquet`: what the file calls it, and how its values make the column. */
interface Kept {
  key: string;
  name: string;
  stored: string;
  from: (values: readonly RecordValue[]) => Column;
  /** Whether its values are words, which a search reads. */
  words: boolean;
}

/** The columns of the map's points that the views filter, sort and colour by: the built-in ones, then those of the data. */
export class ColumnStore implements MapColumns {
  readonly #dataset: Dataset;
  readonly #model: ModelClient;
  readonly #builtIn: Column[];
  readonly #asked = new Set<string>();
  #read = $state.raw<ReadonlyMap<string, Column>>(new Map());
  #ids = $state.raw<readonly Ids[]>([]);
  /** How many columns are being read. */
  #pending = $state(0);
  /** What cannot be read, and why. */
  #unread = $state.raw<ReadonlyMap<string, string>>(new Map());
  /** Every column of the rows that can be asked for. */
  readonly available: readonly Kept[];
  /** The columns that are there. */
  readonly columns = $derived.by(() => {
    const own = this.available.flatMap(({ key }) => this.#read.get(key) ?? []);
    return [...this.#builtIn, ...own];
  });
  /** Finds points by their ids, their words and their row numbers, as far as these are read. */
  readonly search = $derived.by(() => createSearch(this.columns, this.#ids, this.#dataset.points.id));
  /** What a search looks at, in words. */
  readonly searched: string;
  /** What can be chosen, whether it is there or not. */
  readonly names: readonly { key: string; name: string }[];
  /** Why columns cannot be read, in a sentence. */
  readonly failure = $derived.by(() => {
    const [first] = this.#unread;
    if (!first) return '';
    const [name, why] = first;
    const others = this.#unread.size - 1;
    return `${capitalise(name)}${others > 0 ? ` and ${others} more` : ''} cannot be read: ${why}`;
  });

  constructor(dataset: Dataset, model: ModelClient) {
    this.#dataset = dataset;
    this.#model = model;
    this.#builtIn = builtInColumns(dataset);
    this.available = listKept(dataset.manifest);
    this.names = [...this.#builtIn, ...this.available].map(({ key, name }) => ({ key, name }));
    this.searched = nameSearched(dataset, this.#builtIn, this.available);
    // Of a larger file, each column is read when it is asked for.
    const bytes = dataset.manifest.files.find(({ name }) => name === ROWS_FILE)?.bytes ?? 0;
    if (bytes <= WHOLE_ROWS_BYTES) this.ask(this.available.map(({ key }) => key));
  }

  /** The ids of the points, once {@link askIds} has read them. */
  get ids(): readonly Ids[] {
    return this.#ids;
  }

  /** Whether columns are being read. */
  get reading(): boolean {
    return this.#pending > 0;
  }

  /** Reads what a search looks at, unless it is there. */
  askWords(): void {
    this.askIds();
    this.ask(this.available.filter(({ words }) => words).map(({ key }) => key));
  }

  /** Reads the ids of the points, unless they are there. */
  askIds(): void {
    const names = nameIds(this.#dataset.manifest);
    const read = () => Promise.all(names.map((name) => this.#model.column(name)));
    this.#readOnce('ids', 'the ids', read, (columns) => {
      this.#ids = columns.map((values, k) => ({
        key: `id ${names[k]}`,
        name: names[k]!,
        texts: values.map((value) => String(value ?? '')),
      }));
    });
  }

  /** Reads the columns with these keys, unless they are there. Other keys are ignored. */
  ask(keys: readonly string[]): void {
    for (const { key, name, stored, from } of this.available) {
      if (!keys.includes(key)) continue;
      const read = () => this.#model.column(stored);
      this.#readOnce(key, name, read, (values) => {
        this.#read = new Map(this.#read).set(key, from(values));
      });
    }
  }

  #readOnce<T>(key: string, name: string, read: () => Promise<T>, keep: (found: T) => void): void {
    if (this.#asked.has(key)) return;
    this.#asked.add(key);
    this.#pending++;
    read()
      .then(
        (found) => {
          const unread = new Map(this.#unread);
          if (unread.delete(name)) this.#unread = unread;
          keep(found);
        },
        (error: Error) => {
          this.#asked.delete(key);
          this.#unread = new Map(this.#unread).set(name, error.message);
        },
      )
      .finally(() => {
        this.#pending--;
      });
  }
}

/** What a search looks at, in a few words. */
function nameSearched(dataset: Dataset, builtIn: readonly Column[], kept: readonly Kept[]): string {
  const ids = nameIds(dataset.manifest);
  return [
    ...(ids.length > 0 ? ids : ['#row (from 0)']),
    ...builtIn.filter(({ kind }) => kind === 'category').map(({ name }) => name.toLowerCase()),
    ...kept.filter(({ words }) => words).map(({ name }) => name),
  ]
    .slice(0, 4)
    .join(', ');
}

/** The data's own columns and the detectors' surprises, where a bundle keeps its rows. */
function listKept(manifest: Manifest): Kept[] {
  const { data, rows, scorer } = manifest;
  if (!rows) return [];
  const { values, surprises } = nameRowColumns(manifest, rows);
  const kinds = tableColumns(data).map(({ kind }) => kind);
  const own = values.map((stored, j): Kept => {
    const key = keyOfData(data, j);
    const words = kinds[j] === 'category' || kinds[j] === 'flag';
    return { key, name: nameOfKey(key)!, stored, words, from: (found) => dataColumn(data, j, found) };
  });
  const detectors = scorer.detectors.map((detector, d): Kept => {
    const [key, name] = [`detector.${detector.name}`, detectorName(detector)];
    return {
      key,
      name,
      stored: surprises[d]!,
      words: false,
      from: (found) => detectorColumn(key, name, found),
    };
  });
  return [...own, ...detectors];
}
