import type { Bundle } from '../bundle/files.ts';
import { verifyFolder } from '../bundle/node/folder.ts';
import { parseReport } from '../bundle/report.ts';
import { DEFAULT_MODEL } from '../training/cli/options.ts';
import { MNIST } from '../training/data/readers/formats.ts';
import { openSource, type Source } from '../training/data/source.ts';
import { Scorer } from '../training/scorer/scorer.ts';

/** The bundle in models/mnist, its scorer, and the data split as in training, to compute its figures again. */
export async function openTrained(): Promise<{ bundle: Bundle; scorer: Scorer; source: Source }> {
  const bundle = await verifyFolder(DEFAULT_MODEL);
  const { data, training } = bundle.manifest;
  return {
    bundle,
    scorer: await Scorer.load(await bundle.file('scorer.onnx')),
    source: await openSource(MNIST, {
      seed: training.seed,
      validation: data.splits.validation,
      calibration: data.splits.calibration,
      limit: data.splits.train,
    }),
  };
}

/** Throws if a figure differs from the one under the same key in the bundle's report. */
export async function assertReported(bundle: Bundle, figures: Record<string, number>): Promise<void> {
  const { headline } = parseReport(await bundle.json('report.json'));
  for (const [key, figure] of Object.entries(figures)) {
    const reported = headline[key];
    if (!(Math.abs(figure - reported) <= 1e-6 * Math.max(1, Math.abs(reported)))) {
      throw new Error(`${key} is ${figure}, report.json says ${reported}`);
    }
  }
}
