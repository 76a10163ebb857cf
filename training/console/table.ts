/** How a table is set. */
export interface TableStyle {
  /** Where the columns after the first stand: numbers to the right, text to the left. */
  align?: 'left' | 'right';
  /** Longer cells are cut. */
  widest?: number;
}

/** Rows of text as lines: columns as wide as they need, two spaces between them, the first one to the left. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { align = 'right', widest = Number.POSITIVE_INFINITY }: TableStyle = {},
): string[] {
  const all = [head, ...rows].map((row) => row.map((cell) => truncate(cell, widest)));
  const widths = head.map((_, j) => Math.max(...all.map((row) => row[j].length)));
  const place = (cell: string, j: number) =>
    j === 0 || align === 'left' ? cell.padEnd(widths[j]) : cell.padStart(widths[j]);
  return all.map((row) => row.map(place).join('  ').trimEnd());
}

/** A text of at most `most` characters; an ellipsis ends one that was cut. */
export const truncate = (text: string, most: number): string =>
  text.length > most ? `${text.slice(0, most - 1)}…` : text;
