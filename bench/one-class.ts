import { auroc } from '../bundle/metrics.ts';
import { Random } from '../kernels/random.ts';
import { trainAutoencoder } from '../training/autoencoder/train.ts';
import type { Configuration } from '../training/config/schema.ts';
import { MemoryDataset } from '../training/data/datasets/dataset.ts';
import { loadMnist } from '../training/data/readers/mnist.ts';
import { openSource, type Source } from '../training/data/source.ts';
import { STREAM } from '../training/network/trainer.ts';
import { planRun } from '../training/pipeline/plan.ts';
import { memberName } from '../training/scorer/ensemble.ts';
import { fitDetectors } from '../training/scorer/fit-detectors.ts';
import { buildScorerGraph } from '../training/scorer/graph.ts';
import { Scorer } from '../training/scorer/scorer.ts';
import type { Log } from './harness.ts';

/** Shares of a digit's training images that are held out, the same as in `train`. */
const VALIDATION = 0.1;
const CALIBRATION = 0.15;
const SEED = 1;
const DIGITS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** AUROC of each detector and of the fused score, by digit: trained on one, tested on all 10,000 test images. */
export async function measureOneClass(
  configuration: Configuration,
  log: Log,
  digits: readonly number[] = DIGITS,
): Promise<Record<string, number[]>> {
  const result: Record<string, number[]> = {};
  for (const digit of digits) {
    const source = await openDigit(digit, configuration);
    const { model, training, members, fusion, contamination } = planRun(source, configuration);
    const { weights } = await trainAutoencoder(model, source, training, {});
    const trained = { model, weights, training, scaling: source.scaling };
    source.train.shuffle(Random.stream(SEED, STREAM.order));
    const ensemble = await fitDetectors(trained, source, members, { seed: SEED, fusion, contamination });
    const scorer = await Scorer.load(buildScorerGraph(trained, ensemble));
    const { score, detectors } = await scorer.run(source.test.data, source.test.count, [
      'score',
      'detectors',
    ]);
    await scorer.release();
    const value = (of: (i: number) => number) => {
      const scores = Float32Array.from({ length: source.test.count }, (_, i) => of(i));
      const own = (same: boolean) => scores.filter((_, i) => (source.labels![i] === digit) === same);
      return auroc(own(true), own(false));
    };
    const add = (name: string, figure: number) => {
      result[name] ??= [];
      result[name].push(figure);
    };
    for (const [j, member] of members.entries()) {
      add(
        memberName(member),
        value((i) => detectors[i * members.length + j]),
      );
    }
    add(
      'fused',
      value((i) => score[i]),
    );
    log(
      `${digit}: ${Object.entries(result)
        .map(([name, figures]) => `${name} ${figures.at(-1)!.toFixed(4)}`)
        .join('  ')}`,
    );
  }
  return result;
}

/** The training images of one digit, split in three, and the whole test split. */
export async function openDigit(digit: number, configuration: Configuration): Promise<Source> {
  const source = await openSource('mnist', { ...configuration, seed: SEED });
  const images = await loadMnist('train');
  const own = new Uint32Array(images.count).map((_, i) => i).filter((i) => images.labels[i] === digit);
  new Random(SEED).shuffle(own);
  const [validation, calibration] = [VALIDATION, CALIBRATION].map((share) => Math.floor(share * own.length));
  const rows = (from: number, to: number) => {
    const data = new Uint8Array((to - from) * source.features);
    for (let i = from; i < to; i++) {
      data.set(
        images.data.subarray(own[i] * source.features, (own[i] + 1) * source.features),
        (i - from) * source.features,
      );
    }
    return { data, count: to - from };
  };
  return {
    ...source,
    train: new MemoryDataset(images.data, source.shape, own.slice(validation + calibration)),
    validation: rows(0, validation),
    calibration: rows(validation, validation + calibration),
  };
}
