import { kindOf } from './kind.ts';
import type { Manifest } from './manifest.ts';
import { REASONS } from './rows-file.ts';
import type { RowsDescription } from './rows-schema.ts';

/** The names of the columns of `rows.parquet`. */
export function nameRowColumns(
  {
    data,
    scorer,
  }: { data: Pick<Manifest['data'], 'names' | 'features' | 'shape' | 'scaling'> } & {
    scorer: { detectors: readonly { name: string }[] };
  },
  { ids, values, prefix }: RowsDescription,
) {
  const count = kindOf(data) === 'image' ? 0 : Math.min(REASONS, data.features);
  return {
    ids,
    values: values ? (data.names ?? Array.from({ length: data.features }, (_, j) => String(j))) : [],
    surprises: scorer.detectors.map(({ name }) => `${prefix}surprise ${name}`),
    reasons: Array.from({ length: count }, (_, i) => ({
      index: `${prefix}reason ${i + 1}`,
      share: `${prefix}share ${i + 1}`,
      expected: `${prefix}expected ${i + 1}`,
    })),
  };
}
