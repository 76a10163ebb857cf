import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { table30, tableRows } from '../../bench/edge/models.ts';
import { verifyFolder } from '../../bundle/node/folder.ts';
import { defaultSignificance, exactPValue } from '../../bundle/p-value.ts';
import { scoreResponseSchema } from '../../bundle/score-response.ts';
import { csv } from '../../functions/samples/csv.ts';
import { loadMnist } from '../../training/data/readers/mnist.ts';
import { launchBrowser } from '../support/browser.ts';
import { commandLine } from '../support/command-line.ts';
import { ROOT } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { serveStatic } from '../support/static.ts';

const ROWS = 10_000;
const BATCH = 64;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'offmanifold-parity-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

interface Verdicts {
  readonly scores: readonly number[];
  readonly anomalous: readonly boolean[];
}

/** What `offmanifold score` says, with onnxruntime-node: the truth. */
async function scoreHere(file: string, model: string): Promise<Verdicts> {
  const { code, out, error } = await commandLine(folder).run('score', file, '--model', model);
  expect({ code, error }).toMatchObject({ code: 0 });
  const [header, ...lines] = out.trim().split('\n');
  expect(header).toBe('score,p_value,anomalous');
  const rows = lines.map((line) => line.split(','));
  return { scores: rows.map(([score]) => Number(score)), anomalous: rows.map((row) => row[2] === 'true') };
}

/** What the API says, in workerd. */
async function scoreThere(
  model: string,
  type: string,
  bodies: readonly (string | Uint8Array<ArrayBuffer>)[],
): Promise<Verdicts> {
  const server = await startServer(model);
  try {
    const results = [];
    for (const body of bodies) {
      const headers = { 'Content-Type': type };
      const response = await fetch(`${server.url}/api/v1/score`, { method: 'POST', headers, body });
      results.push(...scoreResponseSchema().parse(await response.json()).results);
    }
    return {
      scores: results.map(({ score }) => score),
      anomalous: results.map(({ anomalous }) => anomalous),
    };
  } finally {
    await server.stop();
  }
}

/** What the engine says in a browser, of samples that the page fetches. */
async function scoreInBrowser(model: string, samples: Float32Array): Promise<Verdicts> {
  const site = await mkdtemp(join(folder, 'site-'));
  const lib = { entry: join(ROOT, 'engine/index.ts'), formats: ['es' as const], fileName: 'engine' };
  await build({ configFile: false, logLevel: 'error', build: { outDir: site, emptyOutDir: false, lib } });
  await copyFile(join(model, 'scorer.onnx'), join(site, 'scorer.onnx'));
  await writeFile(join(site, 'samples.bin'), samples);
  await writeFile(
    join(site, 'index.html'),
    `<!doctype html><link rel="icon" href="data:,"><script type="module">
      import { load } from './engine.js';
      const read = async (name) => (await fetch(name)).arrayBuffer();
      const engine = await load(new Uint8Array(await read('scorer.onnx')));
      const { score, p_value } = engine.run(new Float32Array(await read('samples.bin')), ${ROWS}, ['score', 'p_value']);
      window.found = { score: Array.from(score), p_value: Array.from(p_value) };
    </script>`,
  );
  const host = await serveStatic(site, '/');
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(host.url);
    await page.waitForFunction('window.found', undefined, { timeout: 300_000 });
    const { score, p_value } = (await page.evaluate('window.found')) as Record<string, number[]>;
    const { calibration_count } = (await verifyFolder(model)).manifest.scorer;
    const significance = defaultSignificance(calibration_count);
    return {
      scores: score!,
      anomalous: p_value!.map((p) => exactPValue(p, calibration_count) <= significance),
    };
  } finally {
    await browser.close();
    await host.stop();
  }
}

/** Below this score, in nats, float32 has no four digits: it is the logarithm of a number that is nearly 1. */
const LEAST = 1e-3;

function compare(found: Verdicts, truth: Verdicts, where: string): void {
  expect(found.scores.length, where).toBe(ROWS);
  expect(truth.scores.length).toBe(ROWS);
  const deviation = Math.max(
    ...found.scores.map((score, i) => Math.abs(score - truth.scores[i]!) / Math.max(truth.scores[i]!, LEAST)),
  );
  expect(deviation, where).toBeLessThanOrEqual(1e-4);
  expect(
    found.anomalous.filter((verdict, i) => verdict !== truth.anomalous[i]).length,
    `verdicts that differ: ${where}`,
  ).toBe(0);
}

test('10,000 test digits have the same scores and verdicts by the command, in workerd and in a browser', async () => {
  const model = join(ROOT, 'models/mnist');
  const { data } = await loadMnist('test');
  const truth = await scoreHere('mnist', model);
  const batches = Array.from({ length: Math.ceil(ROWS / BATCH) }, (_, b) =>
    data.slice(784 * BATCH * b, 784 * Math.min(ROWS, BATCH * (b + 1))),
  );
  compare(await scoreThere(model, 'application/octet-stream', batches), truth, 'workerd');
  compare(await scoreInBrowser(model, Float32Array.from(data)), truth, 'browser');
});

test('10,000 rows of a table have, too', async () => {
  const { folder: model } = await table30(folder);
  const { columns, rows } = tableRows(3, ROWS);
  const text = (some: readonly (readonly number[])[]) => `${[columns, ...some].join('\n')}\n`;
  await writeFile(join(folder, 'more.csv'), text(rows));
  const truth = await scoreHere('more.csv', model);
  const batches = Array.from({ length: Math.ceil(ROWS / BATCH) }, (_, b) =>
    text(rows.slice(BATCH * b, BATCH * (b + 1))),
  );
  compare(await scoreThere(model, 'text/csv', batches), truth, 'workerd');
  const { manifest } = await verifyFolder(model);
  const samples = new Float32Array(ROWS * columns.length);
  for (const [b, batch] of batches.entries()) {
    const { values } = await csv.read(new TextEncoder().encode(batch), manifest, {
      maxPixels: 0,
      invert: false,
    });
    samples.set(values, BATCH * b * columns.length);
  }
  compare(await scoreInBrowser(model, samples), truth, 'browser');
});
