import { loadMnist } from '../training/data/mnist.ts';
import { detectionReport } from '../training/evaluate/report.ts';
import { splitTraining } from '../training/pipeline.ts';
import { assertReported, trainedBundle } from './bundle.ts';
import type { Bench } from './harness.ts';

/** How well the bundle's scores tell test digits from what is no digit. */
export const bench: Bench = {
  title: 'detection: AUROC of test digits against outliers',
  targets: { noise_auroc: { atLeast: 0.999 }, inverted_auroc: { atLeast: 0.999 } },
  async run() {
    const { bundle, scorer, test } = await trainedBundle();
    const { data, training } = bundle.manifest;
    const { calibration } = splitTraining(await loadMnist('train'), { ...data.splits, seed: training.seed });
    const scores = async (samples: Uint8Array, count: number) =>
      (await scorer.run(samples, count, ['score'])).score;
    const detection = await detectionReport(
      scorer,
      test,
      await scores(test.data, test.count),
      await scores(calibration.data, calibration.count),
    );
    const figures = Object.fromEntries(detection.outliers.map(({ name, auroc }) => [`${name}_auroc`, auroc]));
    await assertReported(bundle, figures);
    const flagged = detection.calibration.map((c) => [`flagged_at_${c.significance}`, c.flagged] as const);
    return { ...figures, ...Object.fromEntries(flagged) };
  },
};
