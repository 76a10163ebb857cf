import { verifyFolder } from '../bundle/folder.ts';
import type { Bundle } from '../bundle/reader.ts';
import { parseReport } from '../bundle/report.ts';
import { type LabelledImages, loadMnist } from '../training/data/mnist.ts';
import { DEFAULTS } from '../training/pipeline.ts';
import { Scorer } from '../training/scorer.ts';

/** The trained bundle, its scorer, and the data that its figures are computed from again. */
export async function trainedBundle(): Promise<{ bundle: Bundle; scorer: Scorer; test: LabelledImages }> {
  const bundle = await verifyFolder(DEFAULTS.out);
  return {
    bundle,
    scorer: await Scorer.load(await bundle.file('scorer.onnx')),
    test: await loadMnist('test'),
  };
}

/** Throws if a figure computed again is not the one under the same key in the bundle's report. */
export async function assertReported(bundle: Bundle, figures: Record<string, number>): Promise<void> {
  const { headline } = parseReport(await bundle.json('report.json'));
  for (const [key, figure] of Object.entries(figures)) {
    const reported = headline[key];
    if (!(Math.abs(figure - reported) <= 1e-6 * Math.max(1, Math.abs(reported)))) {
      throw new Error(`${key} is ${figure}, report.json says ${reported}`);
    }
  }
}
