import { DEFAULT_DETECTORS } from '../../bundle/default-detectors.ts';
import type { Fusion } from '../../bundle/fusion.ts';
import type { DataKind } from '../../bundle/kind.ts';
import { listChoices } from '../../bundle/list.ts';
import { findNearestName } from '../../bundle/misspelling.ts';
import { ConfigurationError } from '../config/schema.ts';
import { plural } from '../console/plural.ts';
import type { Detector } from '../detectors/detector.ts';
import { createLocalError } from '../detectors/reconstruction.ts';
import { DETECTORS } from '../detectors/registry.ts';
import { type Member, memberName } from './ensemble.ts';
import { listKeepers } from './kept-rows.ts';
import { NARROW } from './projection.ts';
import { VIEWS, type View } from './views.ts';

/** The data and the model that detectors are chosen for. */
export interface DetectedModel {
  readonly kind: DataKind;
  /** One sample: [height, width, channels] for images. */
  readonly shape: readonly number[];
  readonly variational: boolean;
  /** Whether no detector may keep training rows. */
  readonly keepsNoRows?: boolean;
}

/** The default contamination: the share of the training samples that no detector is fitted to. */
export const CONTAMINATION = { table: 0.3, matrix: 0.3, image: 0 } as const;

/** The default fusion rule for the default members. */
export const FUSION = { table: 'max', matrix: 'max', image: 'mean' } as const satisfies Record<
  DataKind,
  Fusion
>;

/** The only view of each detector that looks at the autoencoder's error. */
const OWN_VIEW: Readonly<Record<string, View>> = {
  reconstruction: 'difference',
  absolute_error: 'difference',
  standardised_error: 'difference',
  local_error: 'difference',
  masked_error: 'masked',
  loss: 'loss',
  elbo: 'loss',
};

/** The detectors for the data, by name. */
const listDetectors = ({ kind, shape }: DetectedModel): Readonly<Record<string, Detector>> =>
  kind === 'image' ? { ...DETECTORS, local_error: createLocalError(shape) } : DETECTORS;

/** How many rows, and how wide, the detectors of a run are fitted to. */
interface FitSizes {
  /** Training samples. */
  readonly count: number;
  /** The share of them that is set aside. */
  readonly contamination: number;
  /** Numbers per sample as the model sees it. */
  readonly encoded: number;
  /** Numbers per code. */
  readonly code: number;
}

/**
 * Throws a ConfigurationError if a detector would be fitted to too few rows, or to rows that are too wide. One fit
 * leaves out a fifth of the trusted rows, to learn the distribution of the scores.
 */
export function assertFits(
  members: readonly Member[],
  { count, contamination, encoded, code }: FitSizes,
): void {
  const widths: Record<View, number> = {
    input: encoded,
    difference: encoded,
    masked: encoded,
    projection: Math.min(encoded, NARROW),
    code,
    loss: 2,
  };
  for (const member of members) {
    const { minRows = 1, maxColumns = Number.POSITIVE_INFINITY, resistant } = member.detector;
    const rows = Math.floor((count * (resistant ? 1 : 1 - contamination) * 4) / 5);
    const setAside = resistant ? '' : ` with contamination ${contamination}`;
    if (rows < minRows) {
      throw new ConfigurationError(
        `detectors: ${memberName(member)} needs at least ${minRows} rows to fit; ${plural(count, 'training sample')}${setAside} ${count === 1 ? 'leaves' : 'leave'} ${rows}: use more data, a larger --limit, or another detector`,
      );
    }
    const width = widths[member.view];
    if (width > maxColumns) {
      throw new ConfigurationError(
        `detectors: ${memberName(member)} takes at most ${maxColumns} numbers per row, not ${width}: choose another detector, or ${member.detector.name}:projection`,
      );
    }
  }
}

/**
 * Chooses the members of the ensemble by name, such as `knn:code`, or the defaults without names. A name without a view
 * means the detector's only view, or `input`. If none may keep training rows, the defaults that do are left out. Throws a
 * ConfigurationError that says which names there are.
 */
export function chooseMembers(names: readonly string[] | undefined, model: DetectedModel): Member[] {
  const detectors = listDetectors(model);
  const refused = (some: readonly string[]) => (model.keepsNoRows ? listKeepers(some) : []);
  const without = (some: readonly string[]) => some.filter((name) => !refused(some).includes(name));
  const chosen = names ?? without(DEFAULT_DETECTORS[model.kind]);
  const offered = without(Object.keys(detectors).filter((name) => name !== 'elbo' || model.variational));
  const [keeper] = refused(chosen);
  if (keeper !== undefined) {
    throw new ConfigurationError(
      `detectors: ${keeper} keeps training rows, but keep_rows is none; choose from ${offered.join(', ')}`,
    );
  }
  const members = chosen.map((name) => {
    const [base] = name.split(':');
    const detector = Object.hasOwn(detectors, base) ? detectors[base] : undefined;
    if (!detector) {
      // A name that is known, but is no detector for this data, is not misspelt.
      const nearest = Object.hasOwn(OWN_VIEW, base) ? undefined : findNearestName(base, offered);
      throw new ConfigurationError(
        `detectors: no detector ${base} for this data and model; ${nearest?.near ? `did you mean ${nearest.name}? Known: ` : 'choose from '}${offered.join(', ')}`,
      );
    }
    const view = findView(name);
    if (base === 'elbo' && !model.variational) {
      throw new ConfigurationError('detectors: elbo needs a variational model');
    }
    return { detector, view };
  });
  if (members.length === 0) throw new ConfigurationError('detectors: at least one is needed');
  const repeated = members.find(
    (a, i) => members.findIndex((b) => a.detector === b.detector && a.view === b.view) < i,
  );
  if (repeated)
    throw new ConfigurationError(`detectors: ${repeated.detector.name}:${repeated.view} is listed twice`);
  return members;
}

/** The view of a detector by its name, such as `knn:code`. Throws a ConfigurationError if the detector does not look at it. */
function findView(name: string): View {
  const [base, ...rest] = name.split(':');
  const given = rest.length > 0 ? rest.join(':') : undefined;
  const own = OWN_VIEW[base];
  const view = VIEWS.find((known) => known === (given ?? own ?? 'input'));
  const accepted: readonly View[] = own ? [own] : ['input', 'projection', 'code'];
  if (!view || !accepted.includes(view)) {
    throw new ConfigurationError(
      `detectors: ${base} takes the view ${listChoices(accepted)}, not ${given || 'an empty one'}`,
    );
  }
  return view;
}

/** Throws a ConfigurationError if no data has such detectors: known before the data is read. */
export function assertNames(names: readonly string[] = []): void {
  const known = new Set([...Object.keys(DETECTORS), ...Object.keys(OWN_VIEW)]);
  for (const name of names) {
    const [base] = name.split(':');
    if (!known.has(base)) {
      const { name: nearest, near } = findNearestName(base, [...known]);
      throw new ConfigurationError(
        `detectors: there is no detector ${base}; ${near ? `did you mean ${nearest}? Known: ` : 'choose from '}${[...known].join(', ')}`,
      );
    }
    findView(name);
  }
}
