// Scores rows in this process: the engine of the Worker, without the API.
import { readFile } from 'node:fs/promises';
import { load } from 'offmanifold/engine';

const engine = await load(await readFile('models/sensors/scorer.onnx'));
// Two rows: one on the curve of train.ts, one far from it.
const rows = Float32Array.from([
  ...Array.from({ length: 5 }, (_, j) => Math.sin((j + 1) * 0.3)),
  ...[1, -1, 1, -1, 1],
]);
const { score, p_value } = engine.run(rows, 2, ['score', 'p_value']);
console.log(score, p_value);
