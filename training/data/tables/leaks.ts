import { categoryKey } from '../../../bundle/category-text.ts';
import { UNFIT } from '../../../bundle/column-reading.ts';
import type { Cells } from '../../../bundle/tables/table.ts';
import { quoteWord } from '../../console/shell.ts';
import { tellsNormal } from './class-words.ts';
import type { ColumnKind } from './column-kind.ts';
import type { ExcludedColumn } from './label.ts';

const LEAK = 'gives the label away';

/** Whether a column is left out because the label can be read from it. */
export const isLeak = ({ why }: ExcludedColumn): boolean => why.startsWith(LEAK);

/** Rows with and without the label that there must be, of each; fewer if a word says what the column is. */
const FEWEST = { usual: 10, told: 3 };

/** Rows that a value must have to be a mark of anomalous rows. */
const FEWEST_MARKED = 5;

/** Rows that may contradict the label, as a share of the rarer class; more if a word says what the column is. */
const CONTRARY = { usual: 0.01, told: 0.05 };

/** A category that gives the label away has few values: at most so many, and on average so many rows for each. */
const MOST_VALUES = 100;
const FEWEST_ROWS = 10;

/** Values of numbers that are remembered until the first normal row comes. */
const MOST_NUMBERS = 10_000;

/** Chance must be less likely than one in two to this power to make a column that agrees with the label. */
const BITS = 20;

/** The value in row i as it is compared with others. */
export const keyOf = (cells: Cells, i: number): string => categoryKey(String(cells.value(i)).trim());

/** Finds out whether a column is the label in other words. */
export interface LeakFinder {
  /** Adds row i of the cells: its raw value, and whether it is anomalous. */
  add(raw: number, cells: Cells, i: number, anomalous: boolean): void;
  readonly found: boolean;
  /** Of two values, the one that only anomalous rows have, if enough do. */
  readonly mark: string | undefined;
}

export const makeLeakFinder = (kind: ColumnKind): LeakFinder =>
  kind === 'number' || kind === 'date' ? new NumberLeak() : new CategoryLeak();

/** Why a column is left out that gives the label away, alone or together with others. */
export const describeLeak = (
  name: string,
  kind: ColumnKind,
  label: string,
  others: readonly string[] = [],
): string =>
  `${LEAK}${others.length > 0 ? ` together with ${joinNames(others)}` : ''}, ` +
  `as ${others.length > 0 ? 'their' : 'its'} values go with those of ${label} in nearly every row; ` +
  `--types ${quoteWord(name)}=${kind} keeps it`;

/** Most columns that a reason names. */
const MOST_NAMED = 5;

const joinNames = (names: readonly string[]): string =>
  names.length > MOST_NAMED
    ? `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more`
    : names.join(', ');

/**
 * Numbers, such as a severity or the date of a repair: all normal rows have the same one, or none, and no anomalous row
 * has it. A measurement that separates the classes differs among normal rows.
 */
class NumberLeak implements LeakFinder {
  readonly #normal = { rows: 0, missing: 0 };
  readonly #anomalous = { rows: 0, missing: 0 };
  #value: number | undefined;
  #early: Set<number> | undefined = new Set();
  #broken = false;

  add(raw: number, _cells: Cells, _i: number, anomalous: boolean): void {
    if (this.#broken) return;
    const side = anomalous ? this.#anomalous : this.#normal;
    side.rows++;
    if (Number.isNaN(raw)) side.missing++;
    else if (raw === UNFIT) this.#broken = true;
    else if (!anomalous && this.#value === undefined) {
      this.#broken = this.#early?.has(raw) !== false;
      this.#value = raw;
      this.#early = undefined;
    } else if (this.#value !== undefined) this.#broken = anomalous === (raw === this.#value);
    else if (this.#early!.add(raw).size > MOST_NUMBERS) this.#broken = true;
  }

  readonly mark = undefined;

  get found(): boolean {
    const [normal, anomalous] = [this.#normal, this.#anomalous];
    if (this.#broken || Math.min(normal.rows, anomalous.rows) < FEWEST.usual) return false;
    if (!isRareByChance(normal.rows, anomalous.rows, 2)) return false;
    return this.#value === undefined
      ? anomalous.missing === 0
      : normal.missing <= CONTRARY.usual * normal.rows;
  }
}

/** Categories and flags: nearly every value, or that it is missing, goes with one class. */
class CategoryLeak implements LeakFinder {
  #counts: Map<string, [number, number]> | undefined = new Map();

  add(raw: number, cells: Cells, i: number, anomalous: boolean): void {
    if (!this.#counts) return;
    const text = Number.isNaN(raw) ? '' : keyOf(cells, i);
    let counts = this.#counts.get(text);
    if (!counts) {
      counts = [0, 0];
      if (this.#counts.size === MOST_VALUES) this.#counts = undefined;
      else this.#counts.set(text, counts);
    }
    counts[Number(anomalous)]++;
  }

  get found(): boolean {
    if (!this.#counts) return false;
    const counts = [...this.#counts.values()];
    const sum = (of: (pair: readonly [number, number]) => number) =>
      counts.reduce((total, pair) => total + of(pair), 0);
    const [normal, anomalous] = [sum(([rows]) => rows), sum(([, rows]) => rows)];
    const contrary = sum((pair) => Math.min(...pair));
    const rarer = Math.min(normal, anomalous);
    if (this.#tells()) return rarer >= FEWEST.told && contrary <= CONTRARY.told * rarer;
    if (rarer < FEWEST.usual || contrary > CONTRARY.usual * rarer) return false;
    if (counts.length * FEWEST_ROWS > normal + anomalous) return false;
    return isRareByChance(normal, anomalous, counts.length);
  }

  get mark(): string | undefined {
    const values = [...(this.#counts ?? [])].filter(([text]) => text !== '');
    if (values.length !== 2) return undefined;
    return values.find(
      ([, [normal, anomalous]]) => anomalous >= FEWEST_MARKED && normal <= CONTRARY.usual * anomalous,
    )?.[0];
  }

  /** Whether the usual value of normal rows is a word for them. */
  #tells(): boolean {
    const [usual] = [...this.#counts!].sort(([, [a]], [, [b]]) => b - a);
    return usual !== undefined && tellsNormal(usual[0]);
  }
}

/** Whether chance is unlikely to let so many values agree with two classes of these sizes. */
function isRareByChance(a: number, b: number, values: number): boolean {
  // Of all ways to draw the rarer class, at most 2^values take whole values.
  let bits = -values;
  for (let i = 0; i < Math.min(a, b) && bits < BITS; i++) bits += Math.log2((a + b - i) / (i + 1));
  return bits >= BITS;
}
