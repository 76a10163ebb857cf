/**
 * How many columns a grid of `count` cards has in a width, so that the rows are about equally long and no card is alone in
 * the last one, except below three columns.
 */
export function balancedColumns(count: number, width: number, least: number, gap: number): number {
  const most = Math.max(1, Math.min(count, Math.floor((width + gap) / (least + gap))));
  const lone = (columns: number) => columns > 2 && count % columns === 1;
  const even = Math.ceil(count / Math.ceil(count / most));
  for (let columns = even; columns > 2; columns--) if (!lone(columns)) return columns;
  return Math.min(even, 2);
}
