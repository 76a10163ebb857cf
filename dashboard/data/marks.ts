import { quoteCsv } from '../../bundle/csv.ts';
import { tableColumns } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import type { RecordValue } from '../../bundle/record.ts';
import type { PointRow } from '../../bundle/rows-schema.ts';

/** What a person may say about a point. */
export const MARKS = ['true alarm', 'normal', 'unsure'] as const;
export type Mark = (typeof MARKS)[number];

/** What a person says about a point; the mark is empty where there is only a note. */
export interface Marked {
  mark: Mark | '';
  note: string;
}

export const UNMARKED: Marked = { mark: '', note: '' };

/** Marks as text, to be kept in the browser. */
export const formatMarks = (marks: ReadonlyMap<number, Marked>): string =>
  JSON.stringify([...marks].map(([index, { mark, note }]) => [index, mark, note]));

/** The inverse of {@link formatMarks}, for points 0 … count − 1. What is no mark is left out. */
export function parseMarks(text: string | null, count: number): Map<number, Marked> {
  const marks = new Map<number, Marked>();
  let json: unknown;
  try {
    json = JSON.parse(text ?? '[]');
  } catch {
    return marks;
  }
  for (const entry of Array.isArray(json) ? json : []) {
    const [index, mark, note] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= count) continue;
    if (typeof note !== 'string' || (mark !== '' && !MARKS.includes(mark as Mark))) continue;
    marks.set(index as number, { mark: mark as Mark | '', note });
  }
  return marks;
}

/** How many points have each mark, in words: `2 true alarms, 1 unsure`. */
export function describeMarks(marks: ReadonlyMap<number, Marked>): string {
  const counts = MARKS.map((mark) => [...marks.values()].filter((marked) => marked.mark === mark).length);
  const texts = MARKS.map(
    (mark, i) => `${counts[i]} ${mark}${mark === 'true alarm' && counts[i] !== 1 ? 's' : ''}`,
  );
  return texts.filter((_, i) => counts[i]! > 0).join(', ');
}

/** The points of an export: all that are marked, then those of `others` that are not, which count as normal. */
export function listMarked(
  marks: ReadonlyMap<number, Marked>,
  others: readonly number[],
): (Marked & { index: number })[] {
  const listed = new Map(marks);
  for (const index of others) {
    const { mark, note } = marks.get(index) ?? UNMARKED;
    listed.set(index, { mark: mark === '' ? 'normal' : mark, note });
  }
  return [...listed].map(([index, marked]) => ({ index, ...marked }));
}

/** A row to export. */
export interface MarkedRow extends Marked {
  /** Its row in the data, counted from 0. */
  id: number;
  row: PointRow | undefined;
}

export interface MarksFile {
  text: string;
  /** The name of the column with the marks. */
  label: string;
  /** The name of the column with the notes; undefined if there are none. */
  notes: string | undefined;
}

/** What of a bundle says which columns marked rows have. */
export interface Exported {
  data: Pick<Manifest['data'], 'features' | 'names' | 'scaling'>;
  rows?: Pick<NonNullable<Manifest['rows']>, 'ids' | 'values'> | undefined;
}

/**
 * Marked rows as CSV: ids, the columns of the data, the mark and, if there is any, the note. Rows that are unsure are no
 * labels and are left out.
 */
export function marksToCsv({ data, rows }: Exported, marked: readonly MarkedRow[]): MarksFile {
  const kept = marked.filter(({ mark }) => mark === 'true alarm' || mark === 'normal');
  const ids = rows?.ids.length ? rows.ids : ['row'];
  const columns = tableColumns(data);
  const names = rows?.values
    ? (data.names ?? Array.from({ length: data.features }, (_, j) => String(j)))
    : [];
  const free = (name: string): string => ([...ids, ...names].includes(name) ? free(`${name}_`) : name);
  const label = free('mark');
  const notes = kept.some(({ note }) => note !== '') ? free('note') : undefined;
  const lines = [
    [...ids, ...names, label, ...(notes === undefined ? [] : [notes])],
    ...kept.map(({ id, row, mark, note }) => [
      ...(rows?.ids.length ? ids.map((_, k) => row?.ids[k] ?? '') : [String(id)]),
      ...names.map((_, j) => writeValue(columns[j], row?.values?.[j] ?? null)),
      mark,
      ...(notes === undefined ? [] : [note]),
    ]),
  ];
  return { text: lines.map((fields) => `${fields.map(quoteCsv).join(',')}\n`).join(''), label, notes };
}

/** A value as the columns of the model read it from a text. */
function writeValue(column: ReturnType<typeof tableColumns>[number] | undefined, value: RecordValue): string {
  if (value === null) return '';
  if (column?.kind === 'flag') return column.words[Number(value === true) as 0 | 1];
  if (column?.kind === 'number' && typeof column.notation === 'object') {
    return String(value).replace('.', column.notation.decimal);
  }
  return String(value);
}
