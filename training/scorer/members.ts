import type { DataKind } from '../../bundle/kind.ts';
import { ConfigurationError } from '../config/schema.ts';
import type { Detector } from '../detectors/detector.ts';
import { localError } from '../detectors/reconstruction.ts';
import { DETECTORS } from '../detectors/registry.ts';
import { type Member, memberName } from './ensemble.ts';
import { NARROW } from './projection.ts';
import { VIEWS, type View } from './views.ts';

/** What the detectors are chosen for. */
export interface DetectedModel {
  readonly kind: DataKind;
  /** One sample: [height, width, channels] for images. */
  readonly shape: readonly number[];
  readonly variational: boolean;
}

/**
 * The detectors that make up the fused score unless others are named: chosen once, on development sets, as
 * docs/detectors.md tells, and never by the labels of the data at hand.
 */
export const DEFAULTS = {
  table: ['knn:input', 'mixture:projection'],
  matrix: ['knn:input', 'mixture:projection'],
  image: ['reconstruction:difference', 'local_error:difference', 'knn:code', 'mixture:code'],
} as const;

/** The share of the training samples that they are not fitted to, unless another is given. */
export const CONTAMINATION = { table: 0.3, matrix: 0.3, image: 0 } as const;

/** Views that detectors of the reconstruction look at. */
const OWN_VIEW: Readonly<Record<string, View>> = {
  reconstruction: 'difference',
  absolute_error: 'difference',
  standardised_error: 'difference',
  local_error: 'difference',
  masked_error: 'masked',
  loss: 'loss',
  elbo: 'loss',
};

/** Every detector that there is for the data, by name. */
const detectorsFor = ({ kind, shape }: DetectedModel): Readonly<Record<string, Detector>> =>
  kind === 'image' ? { ...DETECTORS, local_error: localError(shape) } : DETECTORS;

/** What the detectors of a run are to be fitted to. */
interface Samples {
  /** Training samples, and the share of them that is set aside. */
  readonly count: number;
  readonly contamination: number;
  /** Numbers that the model sees of a sample, and that its code has. */
  readonly encoded: number;
  readonly code: number;
}

/**
 * Throws a ConfigurationError that names the detector, what there is and what is needed, if it would be fitted to too
 * few rows, or to rows that are too wide. A fifth of the rows that are trusted is kept to tell what scores are usual.
 */
export function assertFits(members: readonly Member[], of: Samples): void {
  const { count, contamination, encoded, code } = of;
  const rows = Math.floor((count * (1 - contamination) * 4) / 5);
  const widths: Record<View, number> = {
    input: encoded,
    difference: encoded,
    masked: encoded,
    projection: Math.min(encoded, NARROW),
    code,
    loss: 2,
  };
  for (const member of members) {
    const { minRows = 1, maxColumns = Number.POSITIVE_INFINITY } = member.detector;
    if (rows < minRows) {
      throw new ConfigurationError(
        `detectors: ${memberName(member)} needs at least ${minRows} rows to be fitted to, of ${count} training samples with contamination ${contamination} there are ${rows}: use more data, a larger --limit, or another detector`,
      );
    }
    const width = widths[member.view];
    if (width > maxColumns) {
      throw new ConfigurationError(
        `detectors: ${memberName(member)} takes rows of at most ${maxColumns} numbers, not ${width}: choose another detector, or ${member.detector.name}:projection`,
      );
    }
  }
}

/**
 * The members of the ensemble: those named, as `knn:code` or by the detector alone if it has one view of its own, or
 * the defaults. Throws a ConfigurationError that says what there is.
 */
export function membersOf(names: readonly string[] | undefined, model: DetectedModel): Member[] {
  const chosen = names ?? DEFAULTS[model.kind];
  const there = detectorsFor(model);
  const members = chosen.map((name) => {
    const [of, ...rest] = name.split(':');
    const given = rest.length > 0 ? rest.join(':') : undefined;
    const detector = Object.hasOwn(there, of) ? there[of] : undefined;
    if (!detector) {
      throw new ConfigurationError(
        `detectors: there is no ${of} for these data, but ${Object.keys(there).join(', ')}`,
      );
    }
    const own = OWN_VIEW[of];
    const view = VIEWS.find((known) => known === (given ?? own ?? 'input'));
    const accepted = own ? [own] : (['input', 'projection', 'code'] as const);
    if (!view || !accepted.includes(view as never)) {
      throw new ConfigurationError(
        `detectors: ${of} looks at ${accepted.join(' or ')}, not at ${given || 'nothing'}`,
      );
    }
    if (of === 'elbo' && !model.variational) {
      throw new ConfigurationError('detectors: elbo is of variational models');
    }
    return { detector, view };
  });
  if (members.length === 0) throw new ConfigurationError('detectors: at least one is needed');
  const twice = members.find(
    (a, i) => members.findIndex((b) => a.detector === b.detector && a.view === b.view) < i,
  );
  if (twice) throw new ConfigurationError(`detectors: ${twice.detector.name}:${twice.view} is there twice`);
  return members;
}
