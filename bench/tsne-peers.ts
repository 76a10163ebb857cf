import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from './harness.ts';
import { path as pathOf, pythonWith, runScript } from './peers/program.ts';

/** Points in a file of n × d floats, whose first two columns are principal components. */
export interface PointsFile {
  readonly path: string;
  readonly n: number;
  readonly d: number;
  readonly iterations: number;
}

const LIMIT_S = 1800;

/** The seconds that scikit-learn takes for the same map; undefined if it is not installed. */
export async function timeScikitLearn({ path, n, d, iterations }: PointsFile, log: Log) {
  const python = await pythonWith('sklearn');
  if (!python) {
    log('scikit-learn: not measured: it is not installed: apt-get install python3-sklearn');
    return undefined;
  }
  const args: [string, ...string[]] = ['tsne.py', path, `${n}`, `${d}`, `${iterations}`];
  const { seconds, kl, version } = await runScript<{ seconds: number; kl: number; version: string }>(
    python,
    args,
    LIMIT_S,
  );
  log(`scikit-learn ${version}, ${n} points: ${seconds.toFixed(1)} s, KL divergence ${kl.toFixed(4)}`);
  return seconds;
}

/** The seconds that tsne-js would take for the same map; undefined if it is not installed. */
export async function timeTsneJs({ path, n, d, iterations }: PointsFile, log: Log) {
  if (!existsSync(pathOf('node_modules/tsne-js'))) {
    log('tsne-js: not measured: it is not installed: npm ci --prefix bench/peers');
    return undefined;
  }
  const args = [pathOf('tsne-js.ts'), path, `${n}`, `${d}`, `${iterations}`];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 1000 * LIMIT_S });
  const { seconds } = JSON.parse(stdout.slice(stdout.lastIndexOf('\n'))) as { seconds: number };
  log(`tsne-js, ${n} points: ${seconds.toFixed(1)} s`);
  return seconds;
}

/**
 * The seconds that FIt-SNE (Linderman et al. 2019) takes for the same map, by its program `fast_tsne`, which
 * `FITSNE_BIN` names; undefined without it. Its settings are those of its Python wrapper.
 */
export async function timeFitSne({ path, n, d, iterations }: PointsFile, log: Log) {
  const program = process.env.FITSNE_BIN;
  if (!program) {
    log('FIt-SNE: not measured: FITSNE_BIN does not name its program fast_tsne');
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), 'offmanifold-fitsne-'));
  try {
    const [input, output] = [join(folder, 'data.dat'), join(folder, 'result.dat')];
    const points = await readFile(path);
    await writeFile(input, encodeProblem(new Float32Array(points.buffer, 0, n * d), n, d, iterations));
    const began = performance.now();
    await promisify(execFile)(program, ['1.2.1', input, output, `${availableParallelism()}`], {
      timeout: 1000 * LIMIT_S,
      maxBuffer: 2 ** 24,
    });
    const seconds = (performance.now() - began) / 1000;
    const result = await readFile(output);
    const kl = result.readDoubleLE(8 + 16 * n + 4 + 8 * (iterations - 1));
    log(`FIt-SNE, ${n} points: ${seconds.toFixed(1)} s, KL divergence ${kl.toFixed(4)}`);
    return seconds;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The file that `fast_tsne` reads. */
function encodeProblem(values: Float32Array, n: number, d: number, iterations: number): Buffer {
  const int = (value: number) => Buffer.from(Int32Array.of(value).buffer);
  const double = (value: number) => Buffer.from(Float64Array.of(value).buffer);
  let variance = 0;
  for (let i = 0; i < n; i++) variance += values[i * d] ** 2 / n;
  const start = Float64Array.from(
    { length: 2 * n },
    (_, p) => (1e-4 * values[Math.floor(p / 2) * d + (p % 2)]) / Math.sqrt(variance),
  );
  const [theta, perplexity, exaggeration, rate] = [0.5, 30, 12, Math.max(200, n / 12)];
  return Buffer.concat([
    ...[n, d].map(int),
    ...[theta, perplexity].map(double),
    // Dimensions of the map, iterations, the last with exaggeration, the last with the first momentum.
    ...[2, iterations, 250, 250].map(int),
    // The momenta, the learning rate, and the longest step.
    ...[0.5, 0.8, rate, 5].map(double),
    // All neighbours that the perplexity asks for, and no fixed width.
    int(-1),
    double(-1),
    // Fourier transforms; approximate neighbours.
    ...[2, 1].map(int),
    double(exaggeration),
    // Momentum from the start; trees of the index, and nodes that a search visits.
    ...[0, 50, 3 * perplexity * 50].map(int),
    // No late exaggeration.
    int(-1),
    double(-1),
    // Nodes of an interval, intervals to a unit, and the fewest of them.
    int(3),
    double(1),
    int(50),
    Buffer.from(Float64Array.from(values).buffer),
    int(1),
    double(1),
    int(0),
    Buffer.from(start.buffer),
  ]);
}
