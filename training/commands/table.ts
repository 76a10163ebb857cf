/** Lines of columns as wide as they need, the first to the left, the others to the right, and an empty line. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const all = [head, ...rows];
  const widths = head.map((_, j) => Math.max(...all.map((row) => row[j].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, j) => (j === 0 ? cell.padEnd(widths[j]) : cell.padStart(widths[j]))).join('  ');
  return [...all.map(line), ''];
}
