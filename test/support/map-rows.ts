import { readMap } from '../../bundle/map.ts';

/** A row of `map.parquet`. */
export interface MapRow {
  id: number;
  split: string;
  x: number;
  y: number;
  label: string | null;
  score: number;
  p_value: number;
}

/** The rows of `map.parquet`, in file order. */
export async function readMapRows(bytes: Uint8Array): Promise<MapRow[]> {
  const { count, id, split, x, y, label, score, p_value } = await readMap(bytes);
  return Array.from({ length: count }, (_, i) => ({
    id: id[i]!,
    split: split.names[split.codes[i]!]!,
    x: x[i]!,
    y: y[i]!,
    label: label.codes[i]! < 0 ? null : label.names[label.codes[i]!]!,
    score: score[i]!,
    p_value: p_value[i]!,
  }));
}
