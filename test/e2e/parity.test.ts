import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { build } from 'vite';
import { expect, test } from 'vitest';
import { ENGINES } from '../../bundle/scorer.ts';
import { launchBrowser } from '../support/browser.ts';
import { COMPARED, deviation, type ParityFile, readParity } from '../support/parity.ts';
import { ROOT, TEST_BUNDLE, TEST_EXPECTED } from '../support/paths.ts';
import { serveStatic } from '../support/static.ts';

/** What the page has to answer: each output over all samples, row-major. */
type Found = Record<(typeof COMPARED)[number], number[]>;

/** Runs both graphs by our engine and by onnxruntime-web, as the browser loads them, over the samples and the codes given. */
const PAGE = `<!doctype html><link rel="icon" href="data:,"><script type="module">
  import { load } from './engine.js';
  import * as ort from './ort.js';
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmPaths = { wasm: new URL('./ort-wasm-simd-threaded.wasm', import.meta.url).href };
  const own = async (file, values, n) => {
    const engine = await load(new Uint8Array(await (await fetch(file)).arrayBuffer()));
    const found = engine.run(Float32Array.from(values), n, engine.outputs);
    return Object.fromEntries(Object.entries(found).map(([name, data]) => [name, Array.from(data)]));
  };
  window.ask = {};
  window.ask.offmanifold = async (n, samples, codes) =>
    ({ ...(await own('scorer.onnx', samples, n)), ...(await own('decoder.onnx', codes, n)) });
  window.ask['onnxruntime-web'] = async (n, samples, codes) => {
    const run = async (file, input, values) => {
      const session = await ort.InferenceSession.create(file);
      const rows = new ort.Tensor('float32', Float32Array.from(values), [n, values.length / n]);
      const outputs = Object.entries(await session.run({ [input]: rows }));
      return Object.fromEntries(outputs.map(([name, { data }]) => [name, Array.from(data)]));
    };
    return { ...(await run('scorer.onnx', 'input', samples)), ...(await run('decoder.onnx', 'code', codes)) };
  };
</script>`;

test('scorer and decoder in a browser answer what they answer in onnxruntime-node', async () => {
  const { n, samples, outputs } = readParity(JSON.parse(await readFile(TEST_EXPECTED, 'utf8')) as ParityFile);
  const site = await mkdtemp(join(tmpdir(), 'offmanifold-parity-'));
  const runtime = join(ROOT, 'node_modules/onnxruntime-web/dist');
  await cp(join(runtime, 'ort.wasm.bundle.min.mjs'), join(site, 'ort.js'));
  const shared = [
    join(runtime, 'ort-wasm-simd-threaded.wasm'),
    join(TEST_BUNDLE, 'scorer.onnx'),
    join(TEST_BUNDLE, 'decoder.onnx'),
  ];
  for (const path of shared) await cp(path, join(site, basename(path)));
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir: site,
      emptyOutDir: false,
      lib: { entry: join(ROOT, 'engine/index.ts'), formats: ['es'], fileName: 'engine' },
    },
  });
  await writeFile(join(site, 'index.html'), PAGE);
  const host = await serveStatic(site, '/');
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(host.url);
    await page.waitForFunction('window.ask');
    for (const engine of ENGINES) {
      const given = [samples, outputs.code].map((values) => JSON.stringify(Array.from(values))).join();
      const found = (await page.evaluate(`window.ask['${engine}'](${n}, ${given})`)) as Found;
      for (const name of COMPARED) {
        expect(deviation(found[name], outputs[name], n), `${engine}: ${name}`).toBeLessThan(1e-4);
      }
    }
    expect(asked.filter((url) => !url.startsWith(host.url) && !url.startsWith('data:'))).toEqual([]);
  } finally {
    await browser.close();
    await host.stop();
    await rm(site, { recursive: true, force: true });
  }
});
