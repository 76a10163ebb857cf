import { detectionReport } from '../training/evaluate/report.ts';
import { assertReported, trainedBundle } from './bundle.ts';
import type { Bench } from './harness.ts';

/** How well the bundle's scores tell test digits from what is no digit. */
export const bench: Bench = {
  title: 'detection: AUROC of test digits against outliers',
  targets: { noise_auroc: { atLeast: 0.999 }, inverted_auroc: { atLeast: 0.999 } },
  async run() {
    const { bundle, scorer, source } = await trainedBundle();
    const scores = async ({ data, count }: typeof source.test) =>
      (await scorer.run(data, count, ['score'])).score;
    const detection = await detectionReport(
      scorer,
      source,
      await scores(source.test),
      await scores(source.calibration),
    );
    const figures = Object.fromEntries(detection.outliers.map(({ name, auroc }) => [`${name}_auroc`, auroc]));
    await assertReported(bundle, figures);
    const flagged = detection.calibration.map((c) => [`flagged_at_${c.significance}`, c.flagged] as const);
    return { ...figures, ...Object.fromEntries(flagged) };
  },
};
