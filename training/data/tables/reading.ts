import type { CategoryValue } from '../../../bundle/category-text.ts';
import type { Reading } from '../../../bundle/column-reading.ts';
import type { ColumnKind } from './column-kind.ts';
import type { Guess } from './guess.ts';

/** How the values of a column are read, as far as it is known: categories have no places yet. */
export function makeReading(
  kind: ColumnKind,
  { notation, epoch, origin, words }: Omit<Guess, 'column' | 'kind' | 'freeText' | 'stray'>,
  na: readonly string[] | undefined,
  indexOf: (value: CategoryValue) => number = () => 0,
): Reading {
  switch (kind) {
    case 'number':
      return { kind, origin, notation, na };
    case 'date':
      return { kind, origin, epoch, na };
    case 'flag':
      return { kind, words: words ?? ['0', '1'], na };
    case 'category':
      return { kind, indexOf, na };
  }
}
