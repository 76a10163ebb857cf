import type { Column } from './columns.ts';
import type { Search, TextColumn } from './search.ts';

/** The texts that say which row a point is: ids or file names. */
export interface Ids extends TextColumn {
  name: string;
  texts: readonly string[];
}

/** What a map colours, filters and searches its points by. */
export interface MapColumns {
  /** The columns that are there, and the names of all that can be chosen. */
  readonly columns: readonly Column[];
  readonly names: readonly { key: string; name: string }[];
  /** The ids of the points, as far as they are read. */
  readonly ids: readonly Ids[];
  /** Finds points by what has been read of {@link searched}. */
  readonly search: Search;
  /** What a search looks at, in words. */
  readonly searched: string;
  /** Whether columns are being read. */
  readonly reading: boolean;
  /** Why a column cannot be read, in a sentence. */
  readonly failure: string;
  /** Reads what a search looks at, unless it is there. */
  askWords(): void;
}
