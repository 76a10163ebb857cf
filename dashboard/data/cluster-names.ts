import type { Clusters } from './clusters.ts';
import type { Column } from './columns.ts';
import { type Contrast, contrastColumns } from './contrast.ts';

/** Points that a comparison looks at, about. */
const SAMPLE = 4000;
/** A name has so many parts at most, each a difference of so many standard deviations at least. */
const PARTS = 2;
const CLEAR = 0.7;

const YES = /^(true|yes|y|t|1|on)$/i;
const NO = /^(false|no|n|f|0|off)$/i;

/** What sets a cluster apart in a word or two: `hill`, `no boost`, `high load`. */
export function describeContrast({ name, size, category }: Contrast): string {
  if (category === undefined) return `${size > 0 ? 'high' : 'low'} ${name}`;
  if (category === 'missing') return size > 0 ? `no ${name} given` : `${name} given`;
  const on = YES.test(category) ? size > 0 : NO.test(category) ? size < 0 : undefined;
  if (on !== undefined) return on ? name : `no ${name}`;
  return size > 0 ? category : `not ${category}`;
}

/**
 * Names clusters by the columns of the data that set each of them apart from all points that are shown, in the order of
 * the clusters: `hill, high load`. The name of a cluster that nothing sets apart is empty.
 */
export function nameClusters(
  { codes, places }: Clusters,
  columns: readonly Column[],
  shown: Uint8Array,
): string[] {
  const rows = Uint32Array.from(codes.keys()).filter((i) => shown[i]);
  const stride = Math.max(1, Math.floor(rows.length / SAMPLE));
  const sampled = <T>(values: ArrayLike<T>): T[] =>
    Array.from({ length: Math.ceil(rows.length / stride) }, (_, k) => values[rows[k * stride]!]!);
  const few = columns
    .filter(({ own }) => own)
    .map(
      (column): Column =>
        column.kind === 'number'
          ? { ...column, values: Float64Array.from(sampled(column.values)) }
          : { ...column, codes: sampled(column.codes) },
    );
  const members = sampled(codes);
  return places.map((_, cluster) => {
    const inside = Uint8Array.from(members, (code) => Number(code === cluster));
    return contrastColumns(few, inside)
      .filter(({ size }) => Math.abs(size) >= CLEAR)
      .slice(0, PARTS)
      .map(describeContrast)
      .join(', ');
  });
}
