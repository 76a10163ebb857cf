import { readFileSync } from 'node:fs';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Source } from '../data/source.ts';
import { findThresholds } from '../evaluate/detection.ts';
import { memberName } from '../scorer/ensemble.ts';
import type { Plan } from './plan.ts';

/** The manifest's description of the data. */
export function describeData(source: Source): Manifest['data'] {
  const { name, shape, features, encoded, names, label, excluded, range, scaling, classes } = source;
  const { train, validation, calibration, test } = source;
  return {
    name,
    shape: [...shape],
    features,
    encoded,
    names: names && [...names],
    label,
    excluded: [...excluded],
    range,
    scaling,
    classes: [...classes],
    splits: {
      train: train.count,
      validation: validation.count,
      calibration: calibration.count,
      test: test.count,
    },
  };
}

/** The manifest's description of the detectors and the thresholds. */
export const describeScorer = (
  { members, fusion, contamination }: Pick<Plan, 'members' | 'fusion' | 'contamination'>,
  calibration: Float32Array,
): Manifest['scorer'] => ({
  score: 'fused',
  fusion,
  detectors: members.map((member) => ({
    name: memberName(member),
    title: member.detector.title,
    family: member.detector.family,
  })),
  contamination,
  calibration_count: calibration.length,
  thresholds: findThresholds(calibration),
});

/** The versions that the bytes of a bundle depend on, besides its options. */
export function readVersions(): Record<string, string> {
  const { version, optionalDependencies } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  );
  return {
    offmanifold: version,
    node: process.versions.node,
    'onnxruntime-node': optionalDependencies['onnxruntime-node'],
  };
}
