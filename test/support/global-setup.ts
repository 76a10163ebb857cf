import { readFile, writeFile } from 'node:fs/promises';
import { loadMnist } from '../../training/data/mnist.ts';
import { DEFAULTS, runPipeline } from '../../training/pipeline.ts';
import { Scorer } from '../../training/scorer.ts';
import { TEST_BUNDLE, TEST_EXPECTED } from './paths.ts';

/** Options of the shared bundle: the real pipeline on less data. */
const SMALL = { limit: 3000, epochs: 3, mapPoints: 600, validation: 500, calibration: 500 };
const SAMPLES = 8;

let done: Promise<void> | undefined;

/** Trains the bundle that the tests share, once, and notes what onnxruntime-node makes of some samples. */
export default function setup(): Promise<void> {
  done ??= prepare();
  return done;
}

async function prepare(): Promise<void> {
  await runPipeline({ ...DEFAULTS, ...SMALL, out: TEST_BUNDLE });
  const test = await loadMnist('test');
  const features = test.height * test.width;
  const samples = test.data.subarray(0, SAMPLES * features);
  const scorer = await Scorer.load(await readFile(`${TEST_BUNDLE}/scorer.onnx`));
  const found = await scorer.run(samples, SAMPLES, ['code', 'feature_error', 'score', 'p_value']);
  await scorer.release();
  const rows = (values: Uint8Array | Float32Array) => {
    const width = values.length / SAMPLES;
    return Array.from({ length: SAMPLES }, (_, i) => Array.from(values.subarray(i * width, (i + 1) * width)));
  };
  const expected = {
    samples: rows(samples),
    score: Array.from(found.score),
    p_value: Array.from(found.p_value),
    code: rows(found.code),
    feature_error: rows(found.feature_error),
  };
  await writeFile(TEST_EXPECTED, JSON.stringify(expected));
}
