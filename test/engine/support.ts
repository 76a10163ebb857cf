import { readFileSync } from 'node:fs';
import { Engine } from '../../engine/engine.ts';
import { runModel } from '../training/onnx/run.ts';

const kernelsFile = (name: string) => new URL(`../../kernels/build/${name}.wasm`, import.meta.url);

/** Both builds of the kernels: with multiply and add apart, and fused where the host can. */
export const KERNELS = Object.fromEntries(
  ['inference', 'inference-relaxed'].map((name) => [
    name,
    new WebAssembly.Module(readFileSync(kernelsFile(name))),
  ]),
);

/** The outputs of a model by the engine and by onnxruntime-node, for n samples of the input `x`. */
export async function runBoth(
  model: Uint8Array,
  samples: Float32Array,
  n: number,
  input = 'x',
): Promise<{ name: string; own: Float32Array; expected: Float32Array }[]> {
  const engine = new Engine(model, KERNELS.inference);
  const found = engine.run(samples, n, engine.outputs);
  const expected = await runModel(model, { [input]: { data: samples, shape: [n, samples.length / n] } });
  return engine.outputs.map((name) => ({
    name,
    own: found[name],
    expected: Float32Array.from(expected[name].data as Iterable<number | bigint>, Number),
  }));
}

/** The largest difference, relative to the largest magnitude; infinite unless the same values are not finite. */
export function largestDifference(own: Float32Array, expected: Float32Array): number {
  if (own.length !== expected.length) return Number.POSITIVE_INFINITY;
  const scale = expected.reduce(
    (most, x) => (Number.isFinite(x) ? Math.max(most, Math.abs(x)) : most),
    1e-30,
  );
  return own.reduce((worst, x, i) => {
    if (Object.is(x, expected[i]) || x === expected[i]) return worst;
    const difference = Math.abs(x - expected[i]) / scale;
    return Number.isFinite(difference) ? Math.max(worst, difference) : Number.POSITIVE_INFINITY;
  }, 0);
}
