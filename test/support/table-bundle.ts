import { readFile, writeFile } from 'node:fs/promises';
import { matrixSource } from '../../training/data/source.ts';
import { runPipeline } from '../../training/pipeline.ts';
import { Random } from '../../training/random.ts';
import { Scorer } from '../../training/scorer.ts';
import { ROOT } from './paths.ts';

/** The small bundle of a table that the tests share, beside that of MNIST: no labels, no images. */
export const TABLE_BUNDLE = `${ROOT}node_modules/.cache/offmanifold/table-bundle`;

/** Some of its rows, and what onnxruntime-node makes of them. */
export const TABLE_EXPECTED = `${ROOT}node_modules/.cache/offmanifold/table-expected.json`;

/** Rows like those of the training, then as many off the manifold; one answer each. */
export interface TableExpected {
  rows: number[][];
  score: number[];
  p_value: number[];
}

const ROWS = 800;
const FEATURES = 12;
const SHOWN = 16;
const CONFIGURATION = { epochs: 40, map_points: 160, iterations: 500 };

/** Trains the bundle of a table, and notes the scores of some rows. */
export async function prepareTable(): Promise<void> {
  const values = correlatedRows(ROWS, 7);
  const source = await matrixSource(values, [FEATURES], CONFIGURATION, 'table');
  await runPipeline(source, CONFIGURATION, { out: TABLE_BUNDLE });
  const near = correlatedRows(SHOWN, 8);
  const far = near.map((value, p) =>
    p % FEATURES === Math.floor(p / FEATURES) % FEATURES ? -2 * value : value,
  );
  const rows = Array.from({ length: 2 * SHOWN }, (_, i) =>
    Array.from((i < SHOWN ? near : far).subarray((i % SHOWN) * FEATURES, ((i % SHOWN) + 1) * FEATURES)),
  );
  const scorer = await Scorer.load(await readFile(`${TABLE_BUNDLE}/scorer.onnx`));
  const { score, p_value } = await scorer.run(Float32Array.from(rows.flat()), rows.length, [
    'score',
    'p_value',
  ]);
  await scorer.release();
  const expected: TableExpected = { rows, score: [...score], p_value: [...p_value] };
  await writeFile(TABLE_EXPECTED, JSON.stringify(expected));
}

/** Rows on a curved sheet of two dimensions in the space of 12 features, each of a scale of its own. */
function correlatedRows(count: number, seed: number): Float32Array {
  const random = new Random(seed);
  const values = new Float32Array(count * FEATURES);
  for (let i = 0; i < count; i++) {
    const [u, v] = [2 * random.uniform() - 1, 2 * random.uniform() - 1];
    const sheet = [u, v, u * v, u * u - v, Math.sin(3 * u), Math.cos(2 * v)];
    for (let j = 0; j < FEATURES; j++) {
      const value = sheet[j % 6] + (j < 6 ? 0 : 0.5 * sheet[(j + 2) % 6]);
      const scale = 10 ** ((j % 5) - 2);
      values[i * FEATURES + j] = scale * (value + j + 0.05 * random.normal());
    }
  }
  return values;
}
