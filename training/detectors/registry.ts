import { pcaMajor, pcaMinor } from './components.ts';
import type { Detector } from './detector.ts';
import { ecod } from './ecod.ts';
import { hbos } from './hbos.ts';
import { isolationForest } from './isolation-forest.ts';
import { kde } from './kde.ts';
import { knn, knn5Percent, knnMean } from './knn.ts';
import { lof } from './lof.ts';
import { mahalanobis } from './mahalanobis.ts';
import { mixture } from './mixture.ts';
import { oneClassSvm } from './one-class-svm.ts';
import {
  absoluteError,
  elbo,
  maskedError,
  squaredError,
  standardisedError,
  trainedLoss,
} from './reconstruction.ts';
import { residual } from './residual.ts';
import { robustCovariance } from './robust-covariance.ts';

const ALL: readonly Detector[] = [
  squaredError,
  absoluteError,
  standardisedError,
  maskedError,
  trainedLoss,
  elbo,
  knn,
  knnMean,
  knn5Percent,
  lof,
  mixture,
  mahalanobis,
  robustCovariance,
  kde,
  ecod,
  hbos,
  residual,
  pcaMajor,
  pcaMinor,
  isolationForest,
  oneClassSvm,
];

/** Every detector, by name. */
export const DETECTORS: Readonly<Record<string, Detector>> = Object.fromEntries(
  ALL.map((detector) => [detector.name, detector]),
);
