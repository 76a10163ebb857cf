import { tableColumns } from '../../bundle/kind.ts';
import { placeValue } from './distribution.ts';
import { differ } from './point-row.ts';
import { featureName, formatExpected, isReconstructed } from './rows.ts';

/** A value this many deviations from the expected one, or nearer, is about what the model expected. */
const NEAR = 0.25;

/** A feature that accounts for part of a score. */
interface Told {
  index: number;
  /** The value, as text and as a raw number; undefined if the bundle does not keep values. */
  value: { text: string; raw: number } | undefined;
  /** The reconstruction, a raw number. */
  expected: number;
}

/**
 * A reason in words: `vibration 7.2, expected 2.1`. Where the model expected about the same, it says how rare the value alone
 * is, `vibration 7.2, highest 1%`, or only the value if many rows have such a one.
 */
export function describeReason(
  described: Parameters<typeof placeValue>[0] & { data: Parameters<typeof formatExpected>[0] },
  { index, value, expected }: Told,
): string {
  const { data } = described;
  // A number alone would not read as a name.
  const name = `${data.names ? '' : 'feature '}${featureName(data, index)}`;
  const told = value ? `${name} ${value.text}` : name;
  // The expected share of a flag is a number between its values.
  const wanted = tableColumns(data)[index]?.kind === 'flag' ? Math.round(expected) : expected;
  if (isReconstructed(data, index) && (!value || differ(data, index, value.raw, wanted, NEAR)))
    return `${told}, expected ${formatExpected(data, index, expected)}`;
  const place = value && placeValue(described, index, value.raw);
  return place?.unusual ? `${told}, ${place.text}` : told;
}
