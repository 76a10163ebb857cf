import { readFile, writeFile } from 'node:fs/promises';
import { SCORER_OUTPUTS } from '../../bundle/scorer.ts';
import { makeOutlierSets } from '../../training/data/outliers.ts';
import { loadMnist } from '../../training/data/readers/mnist.ts';
import { openSource } from '../../training/data/source.ts';
import { runPipeline } from '../../training/pipeline/run.ts';
import { createSession, tensor } from '../../training/runtime/session.ts';
import { Scorer } from '../../training/scorer/scorer.ts';
import { makeOnce } from './cache.ts';
import type { ParityFile } from './parity.ts';
import { FIXTURES } from './paths.ts';
import { prepareTable } from './table-bundle.ts';

/** Options of the shared bundle: the real pipeline on less data. */
const SMALL = { limit: 3000, epochs: 3, map_points: 600, validation: 500, calibration: 500 };

/**
 * Every engine has to score these samples alike: digits, each kind of outlier, a black image and a white one. A
 * single request may hold all of them.
 */
const DIGITS = 32;
const OUTLIERS = 7;

/**
 * Trains the two small bundles that the integration tests share, and notes what onnxruntime-node computes with them
 * for some samples. Does nothing if they are cached for the sources as they are.
 */
export default function setup(): Promise<void> {
  return makeOnce(FIXTURES, async (folder) => {
    await Promise.all([prepareDigits(folder), prepareTable(folder)]);
  });
}

async function prepareDigits(folder: string): Promise<void> {
  const out = `${folder}/test-bundle`;
  await runPipeline(() => openSource('mnist', SMALL), SMALL, { out });
  const samples = await paritySamples();
  const n = DIGITS + 4 * OUTLIERS + 2;
  const scorer = await Scorer.load(await readFile(`${out}/scorer.onnx`));
  const found = await scorer.run(samples, n, [...SCORER_OUTPUTS]);
  await scorer.release();
  const decoder = await createSession(await readFile(`${out}/decoder.onnx`));
  const { sample } = await decoder.run({ code: tensor(found.code, [n, found.code.length / n]) });
  await decoder.release();
  const expected: ParityFile = {
    n,
    samples: base64(samples),
    outputs: {
      code: base64(found.code),
      reconstruction: base64(found.reconstruction),
      feature_error: base64(found.feature_error),
      feature_share: base64(found.feature_share),
      detectors: base64(found.detectors),
      score: base64(found.score),
      p_value: base64(found.p_value),
      sample: base64(sample!.data as Float32Array),
    },
  };
  await writeFile(`${folder}/test-expected.json`, JSON.stringify(expected));
}

async function paritySamples(): Promise<Uint8Array> {
  const test = await loadMnist('test');
  const shape = [test.height, test.width, 1];
  const features = test.height * test.width;
  const digits = (from: number, to: number) => test.data.subarray(from * features, to * features);
  const others = {
    data: digits(DIGITS, DIGITS + OUTLIERS),
    count: OUTLIERS,
    shape,
    range: [0, 255] as const,
    scaling: { kind: 'range', low: 0, high: 255 } as const,
  };
  return Buffer.concat([
    digits(0, DIGITS),
    ...makeOutlierSets(others, 1).map(({ data }) => data as Uint8Array),
    Buffer.alloc(features, 0),
    Buffer.alloc(features, 255),
  ]);
}

const base64 = ({ buffer, byteOffset, byteLength }: Uint8Array | Float32Array) =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64');
