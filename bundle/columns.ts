import * as z from 'zod';

/**
 * The columns of a table: how a record becomes raw numbers, one float32 a column, and what the scorer makes of
 * these. A value that is missing is NaN; everything else is done inside the scorer's graph.
 */

const named = {
  name: z.string(),
  /** Share of the training rows in which it is missing; if above 0, whether it is missing is a feature too. */
  missing_share: z.number().min(0).lt(1),
};

const NumberColumn = z.strictObject({
  kind: z.literal('number'),
  ...named,
  /**
   * (x − center) / scale with mean and deviation (`standard`) or median and interquartile range / 1.349
   * (`robust`), or the normal score of x, piecewise linear between `knots` (`quantile`).
   */
  scaling: z.enum(['standard', 'robust', 'quantile']),
  center: z.number(),
  scale: z.number().positive(),
  /** Of `quantile`: raw values, rising, and the normal score at each. Empty otherwise. */
  knots: z.array(z.number()),
  scores: z.array(z.number()),
  /** Stands in for a missing value: the median. */
  missing: z.number(),
});

const FlagColumn = z.strictObject({
  kind: z.literal('flag'),
  ...named,
  /** What false and true are in the data. */
  words: z.tuple([z.string(), z.string()]),
  /** Share of the training rows in which it is true. */
  share: z.number().min(0).max(1),
  missing: z.union([z.literal(0), z.literal(1)]),
});

const CategoryColumn = z.strictObject({
  kind: z.literal('category'),
  ...named,
  /** By falling frequency, ties by name. The raw value is the index; −1 is a category that is not listed. */
  categories: z.array(z.string()).min(1),
  /** Share of the training rows of each. */
  frequencies: z.array(z.number().min(0).max(1)),
  encoding: z.enum(['one_hot', 'frequency']),
});

const DateColumn = z.strictObject({
  kind: z.literal('date'),
  ...named,
  /** The day, counted from 1970-01-01, that raw values count from, in days and parts of them. */
  origin: z.int(),
  center: z.number(),
  scale: z.number().positive(),
  /** Whether the time of day, and the day of the week, vary in the training rows: features of their own. */
  time: z.boolean(),
  weekday: z.boolean(),
  /** Whether the training rows come in the order of their dates, as those of a log do. */
  clock: z.boolean(),
  missing: z.number(),
});

/** One column of a table, by `kind`. */
export const TableColumnSchema = z.discriminatedUnion('kind', [
  NumberColumn,
  FlagColumn,
  CategoryColumn,
  DateColumn,
]);

export type TableColumn = z.infer<typeof TableColumnSchema>;
export type ColumnOf<K extends TableColumn['kind']> = Extract<TableColumn, { kind: K }>;

/**
 * Whether of a column only the time of day and the day of the week are modelled, not its place in time: whatever
 * comes next in a log is later than all before. Its reconstruction is the same for all rows, and says nothing.
 */
export const isClock = (column: TableColumn): boolean =>
  column.kind === 'date' && column.clock && (column.time || column.weekday);

/** One number that the model sees, and how it comes from its raw column's value x. */
export type EncodedFeature = {
  /** Index of the raw column. */
  readonly column: number;
  readonly name: string;
} & (
  | { readonly of: 'value' | 'frequency' | 'missing'; readonly center: number; readonly scale: number }
  | { readonly of: 'quantile' }
  | { readonly of: 'category'; readonly index: number; readonly scale: number }
  | { readonly of: 'time' | 'weekday'; readonly wave: 'sin' | 'cos' }
);

/**
 * The least variance that a rare flag or category is scaled by: what hardly ever happens weighs much when it
 * does, but not so much that nothing else counts.
 */
const LEAST_VARIANCE = 0.05;

/** What the indicator of a missing value is divided by: no indicator deviates more. */
const MISSING_SCALE = 0.5;

/** What one indicator of this share is divided by, so that it varies as a standardised number does. */
const indicatorScale = (share: number): number =>
  Math.sqrt(Math.max(share * (1 - share), LEAST_VARIANCE / 2));

/**
 * The numbers that the model sees, column by column:
 * - a number is one, scaled; a flag is one, (x − share) / deviation;
 * - a one-hot category is one for each, 1 / s or 0 with s² = 1 − Σ pᵢ², the sum of their variances, so that
 *   the column weighs as one standardised number does; an unknown category is all zeros;
 * - another category is one: its frequency in the training rows, standardised, 0 before that if unknown;
 * - a date is one, standardised, and sine and cosine of the time of day and of the day of the week, as far as
 *   these vary; of a clock these alone ({@link isClock});
 * - whether the value is missing, if it was in some training rows: at most two deviations off, as that alone is
 *   hardly ever what is looked for.
 */
export function encodedFeatures(columns: readonly TableColumn[]): EncodedFeature[] {
  return columns.flatMap(featuresOf);
}

function featuresOf(column: TableColumn, i: number): EncodedFeature[] {
  const { name, missing_share } = column;
  const at = (label?: string) => ({ column: i, name: label === undefined ? name : `${name}: ${label}` });
  const waves = (of: 'time' | 'weekday') =>
    (['sin', 'cos'] as const).map((wave) => ({ ...at(`${of}, ${wave}`), of, wave }));
  const missing: EncodedFeature[] = [];
  if (missing_share > 0) {
    const oneHot = column.kind === 'category' && column.encoding === 'one_hot';
    const [center, scale] = oneHot ? [0, oneHotScale(column)] : [missing_share, MISSING_SCALE];
    missing.push({ ...at('missing'), of: 'missing', center, scale });
  }
  switch (column.kind) {
    case 'number': {
      const { scaling, center, scale } = column;
      const feature: EncodedFeature =
        scaling === 'quantile' ? { ...at(), of: 'quantile' } : { ...at(), of: 'value', center, scale };
      return [feature, ...missing];
    }
    case 'flag': {
      const { share } = column;
      return [{ ...at(), of: 'value', center: share, scale: indicatorScale(share) }, ...missing];
    }
    case 'category': {
      if (column.encoding === 'frequency') {
        return [{ ...at('frequency'), of: 'frequency', ...frequencyScale(column) }, ...missing];
      }
      const scale = oneHotScale(column);
      const each = column.categories.map(
        (category, index): EncodedFeature => ({
          ...at(category),
          of: 'category',
          index,
          scale,
        }),
      );
      return [...each, ...missing];
    }
    case 'date': {
      const { center, scale, time, weekday } = column;
      const value: EncodedFeature = { ...at(), of: 'value', center, scale };
      return [
        ...(isClock(column) ? [] : [value]),
        ...(time ? waves('time') : []),
        ...(weekday ? waves('weekday') : []),
        ...missing,
      ];
    }
  }
}

/** How many numbers the model sees of a sample. */
export const encodedWidth = (columns: readonly TableColumn[]): number => encodedFeatures(columns).length;

/** The names of these numbers: the column's, and what it is of it, `city: Oslo`. */
export const encodedNames = (columns: readonly TableColumn[]): string[] =>
  encodedFeatures(columns).map(({ name }) => name);

/** The raw column that each of these numbers is of. */
export const columnOfFeature = (columns: readonly TableColumn[]): Uint32Array =>
  Uint32Array.from(encodedFeatures(columns), ({ column }) => column);

function oneHotScale({ frequencies, missing_share }: ColumnOf<'category'>): number {
  const squares = [...frequencies, missing_share].reduce((sum, p) => sum + p * p, 0);
  return Math.sqrt(Math.max(1 - squares, LEAST_VARIANCE));
}

/** Mean and deviation of the frequencies over the training rows. */
function frequencyScale({ frequencies }: ColumnOf<'category'>): { center: number; scale: number } {
  const center = frequencies.reduce((sum, p) => sum + p * p, 0);
  const variance = frequencies.reduce((sum, p) => sum + p * p * p, 0) - center * center;
  return { center, scale: variance > 1e-12 ? Math.sqrt(variance) : Math.max(center, 1e-6) };
}

/** What a text says if it stands for a value that is missing, in lower case and without blanks around it. */
export const MISSING_WORDS: readonly string[] = ['', 'na', 'n/a', 'nan', 'null', 'none', '?'];

/** The words of flags, false and true, in lower case. */
export const FLAG_WORDS: readonly (readonly [string, string])[] = [
  ['false', 'true'],
  ['no', 'yes'],
  ['f', 't'],
  ['n', 'y'],
  ['0', '1'],
];

export const isMissing = (text: string): boolean => MISSING_WORDS.includes(text.trim().toLowerCase());

/** What is wrong with a value of a record. */
export interface ColumnError {
  /** The name of the column; empty if it is about the whole record. */
  column: string;
  detail: string;
}

/**
 * Writes a record into `target` from `offset` on, one raw number a column. A record is an object by column
 * names (others are passed over) or an array in the order of the columns, with values as JSON has them:
 * numbers, booleans, strings, ISO 8601 dates; null is missing, and so is an absent column that was missing in some
 * training rows. Returns what is wrong with it, all of it; nothing if it is all right.
 */
export function rawRow(
  columns: readonly TableColumn[],
  record: Readonly<Record<string, unknown>> | readonly unknown[],
  target: Float32Array,
  offset = 0,
): ColumnError[] {
  const listed = Array.isArray(record);
  if (listed && record.length !== columns.length) {
    const names = columns.map(({ name }) => name).join(', ');
    return [{ column: '', detail: `${record.length} values, expected ${columns.length}: ${names}` }];
  }
  const errors: ColumnError[] = [];
  for (const [j, column] of columns.entries()) {
    const { name, missing_share } = column;
    const has = listed || Object.hasOwn(record, name);
    const value = listed ? record[j] : (record as Readonly<Record<string, unknown>>)[name];
    if (value === null || (!has && missing_share > 0)) target[offset + j] = Number.NaN;
    else if (!has || value === undefined) {
      errors.push({
        column: name,
        detail: `it is not there, expected ${accepted(column)}, or null if it is missing`,
      });
    } else {
      const raw = rawValue(column, value);
      if (typeof raw === 'string') errors.push({ column: name, detail: raw });
      else target[offset + j] = raw;
    }
  }
  return errors;
}

/** What a column takes, in words. */
export function accepted(column: TableColumn): string {
  switch (column.kind) {
    case 'number':
      return 'a number';
    case 'flag':
      return `true or false (or ${column.words.map((word) => JSON.stringify(word)).join(', ')})`;
    case 'category':
      return `a text, such as ${JSON.stringify(column.categories[0])}`;
    case 'date':
      return 'a date, such as "2024-05-31" or "2024-05-31T16:30:00Z"';
  }
}

/** The raw number of a JSON value, or a sentence on what is wrong with it. */
function rawValue(column: TableColumn, value: unknown): number | string {
  const wrong = (why = '') => `${shown(value)}${why}, expected ${accepted(column)}`;
  switch (column.kind) {
    case 'number': {
      if (typeof value === 'number') {
        return Number.isFinite(Math.fround(value)) ? value : wrong(' is beyond 3.4e38');
      }
      const numeric = typeof value === 'string' && !isMissing(value) && Number.isFinite(Number(value));
      return wrong(numeric ? ' is a text: write it without quotes' : '');
    }
    case 'flag': {
      if (value === false || value === 0) return 0;
      if (value === true || value === 1) return 1;
      const at = typeof value === 'string' ? flagOf(column, value) : -1;
      return at < 0 ? wrong() : at;
    }
    case 'category':
      if (typeof value === 'object') return wrong();
      return categoryOf(column, String(value));
    case 'date': {
      const days = typeof value === 'string' ? daysOf(value) : undefined;
      return days === undefined ? wrong() : days - column.origin;
    }
  }
}

/**
 * The raw number of a text, as a CSV file or a form has it: a word for missing is NaN, a category that is not
 * known −1. A sentence on what is wrong with it if it is no value of the column.
 */
export function rawText(column: TableColumn, text: string): number | string {
  if (column.kind === 'category' && column.categories.includes(text)) return column.categories.indexOf(text);
  if (isMissing(text)) return Number.NaN;
  return rawValue(column, column.kind === 'number' && text.trim() !== '' ? (toNumber(text) ?? text) : text);
}

/** The index of a category, −1 if it is not known; a whole number is the same with .0 and without. */
function categoryOf({ categories }: ColumnOf<'category'>, text: string): number {
  const at = categories.indexOf(text);
  if (at >= 0 || !/^-?\d+(\.0)?$/.test(text)) return at;
  return categories.indexOf(text.endsWith('.0') ? text.slice(0, -2) : `${text}.0`);
}

function toNumber(text: string): number | undefined {
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}

/** 0 or 1 for the words of a flag, whatever their case; −1 for others. */
function flagOf({ words }: ColumnOf<'flag'>, text: string): number {
  const word = text.trim().toLowerCase();
  const own = words.findIndex((known) => known.toLowerCase() === word);
  return own >= 0 ? own : word === 'false' ? 0 : word === 'true' ? 1 : -1;
}

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
};

const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?(?:\s*(Z|[+-]\d\d(?::?\d\d)?))?$/;
const DAY_SECONDS = 86_400;

/** Days since 1970-01-01 UTC of an ISO 8601 date or time; UTC unless it says its zone. Undefined if it is none. */
export function daysOf(text: string): number | undefined {
  const found = DATE.exec(text.trim());
  if (!found) return undefined;
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map((part) => Number(part ?? 0));
  const midnight = new Date(Date.UTC(year!, month! - 1, day));
  const there = midnight.getUTCMonth() === month! - 1 && midnight.getUTCDate() === day;
  if (!there || hour! > 23 || minute! > 59 || second! > 59) return undefined;
  const zone = found[8] && found[8] !== 'Z' ? found[8].replace(':', '') : '+0000';
  const sign = zone[0] === '-' ? -1 : 1;
  const ahead = sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5) || 0));
  const seconds = hour! * 3600 + (minute! - ahead) * 60 + second! + Number(found[7] ?? 0);
  return midnight.getTime() / 1000 / DAY_SECONDS + seconds / DAY_SECONDS;
}

/** A raw value, or a reconstruction, as a person reads it. */
export function displayValue(column: TableColumn, raw: number): string {
  if (Number.isNaN(raw)) return 'missing';
  switch (column.kind) {
    case 'number':
      return String(Number(raw.toPrecision(6)));
    case 'flag': {
      if (raw === 0 || raw === 1) return column.words[raw];
      return `${column.words[raw < 0.5 ? 0 : 1]} (${Math.round(100 * Math.max(raw, 1 - raw))} %)`;
    }
    case 'category':
      return column.categories[raw] ?? 'unknown';
    case 'date': {
      const time = Math.round((raw + column.origin) * DAY_SECONDS);
      const date = new Date(1000 * time);
      if (Number.isNaN(date.getTime())) return `${Number(raw.toPrecision(6))} days`;
      return column.time ? date.toISOString().replace('.000Z', 'Z') : date.toISOString().slice(0, 10);
    }
  }
}
