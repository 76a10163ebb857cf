import { parquetReadObjects } from 'hyparquet';
import * as z from 'zod';
import { BundleError } from './error.ts';

const Row = z.object({
  id: z.int().nonnegative(),
  split: z.string(),
  x: z.number(),
  y: z.number(),
  label: z.string().nullable(),
  score: z.number(),
  p_value: z.number(),
});

/** A row of `map.parquet`. `id`: the row of the sample in the data, counted from 0 (for MNIST, in the test images). */
export type MapPoint = z.infer<typeof Row>;

/** Reads `map.parquet` in file order: row i is point i of `codes.bin` and of the sprites. */
export async function readMap(bytes: Uint8Array): Promise<MapPoint[]> {
  const file = bytes.slice().buffer;
  let rows: unknown[];
  try {
    rows = await parquetReadObjects({ file });
  } catch (error) {
    throw new BundleError(`map.parquet is damaged: ${(error as Error).message}`);
  }
  const parsed = z.array(Row).safeParse(rows);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new BundleError(`map.parquet is damaged: row ${issue.path.join(', column ')}: ${issue.message}`);
  }
  return parsed.data;
}
