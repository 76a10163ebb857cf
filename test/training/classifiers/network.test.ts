import { expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { buildClassifierStep, type Network } from '../../../training/classifiers/network.ts';
import { dense, plainStyle } from '../../../training/network/layers.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { createSession, tensor } from '../../../training/runtime/session.ts';

const [n, dims, classes] = [7, 5, 4];
const random = new Random(9);
const x = Float32Array.from({ length: n * dims }, () => 3 + random.normal());
const labels = Array.from({ length: n }, () => random.below(classes));
const target = new Float32Array(n * classes);
for (const [i, label] of labels.entries()) target[i * classes + label] = 1;
const mean = Float32Array.from({ length: dims }, () => 3 + 0.1 * random.normal());
const scale = 0.7;
const weight = Float32Array.from({ length: dims * classes }, () => random.normal());
const bias = Float32Array.from({ length: classes }, () => random.normal());

/** The output of a linear network, by its definition. */
function logits(w: Float32Array, b: Float32Array): number[][] {
  return labels.map((_, i) =>
    Array.from({ length: classes }, (_, c) => {
      let sum = b[c];
      for (let j = 0; j < dims; j++) sum += (x[i * dims + j] - mean[j]) * scale * w[j * classes + c];
      return sum;
    }),
  );
}

const DEFINITIONS: Record<Network['loss'], (z: number[], label: number) => number> = {
  cross_entropy: (z, label) => Math.log(z.reduce((sum, value) => sum + Math.exp(value), 0)) - z[label],
  squared_hinge: (z, label) =>
    z.reduce((sum, value, c) => sum + Math.max(0, 1 - (c === label ? value : -value)) ** 2, 0),
};

for (const loss of ['cross_entropy', 'squared_hinge'] as const) {
  const objective = (w: Float32Array, b: Float32Array) =>
    logits(w, b).reduce((sum, z, i) => sum + DEFINITIONS[loss](z, labels[i]) / n, 0);

  test(`${loss} and its gradient are those of the definition`, async () => {
    const network: Network = { layers: [dense('linear', dims, classes, plainStyle())], dims, classes, loss };
    const { graph } = buildClassifierStep(network, { mean, scale });
    const session = await createSession(serialise(graph, 'step'));
    const found = await session.run({
      x: tensor(x, [n, dims]),
      target: tensor(target, [n, classes]),
      'linear.weight': tensor(weight, [dims, classes]),
      'linear.bias': tensor(bias, [classes]),
    });
    await session.release();
    expect(Number(found.loss.data[0])).toBeCloseTo(objective(weight, bias), 4);
    const h = 1e-3;
    for (const [name, values] of [
      ['linear.weight', weight],
      ['linear.bias', bias],
    ] as const) {
      for (let i = 0; i < values.length; i++) {
        const moved = (by: number) => {
          const other = values.map((value, at) => (at === i ? value + by : value));
          return name === 'linear.weight' ? objective(other, bias) : objective(weight, other);
        };
        const slope = (moved(h) - moved(-h)) / (2 * h);
        expect(Number(found[`grad:${name}`].data[i]), `${name} ${i}`).toBeCloseTo(slope, 2);
      }
    }
  });
}
