import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { gradients } from '../../../training/onnx/autodiff.ts';
import { GraphError } from '../../../training/onnx/error.ts';
import { Graph, type Value } from '../../../training/onnx/graph.ts';
import { convolutionPlan } from '../../../training/onnx/ops/convolution.ts';
import {
  type Convolution,
  type WeightGradient,
  weightGradients,
  windowsOf,
} from '../../../training/onnx/ops/im2col.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { Random } from '../../../training/random.ts';
import { createSession, tensor } from '../../../training/session.ts';
import { expectGradients } from './finite-differences.ts';

const SAMPLES = 3;
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Sums of products in f64, and what they would be off by in f32. */
class Sums {
  readonly values: Float64Array;
  readonly #magnitudes: Float64Array;
  readonly #counts: Uint32Array;

  constructor(length: number) {
    this.values = new Float64Array(length);
    this.#magnitudes = new Float64Array(length);
    this.#counts = new Uint32Array(length);
  }

  add(i: number, product: number): void {
    this.values[i] += product;
    this.#magnitudes[i] += Math.abs(product);
    this.#counts[i]++;
  }

  /** A sum of n products is off by at most n · 2⁻²⁴ times that of their magnitudes, in whatever order (Higham 2002, 3.5). */
  expectNear(found: ArrayLike<number>, what: string): void {
    expect(found.length, what).toBe(this.values.length);
    for (let i = 0; i < found.length; i++) {
      const bound = (this.#counts[i] + 1) * 2 ** -24 * this.#magnitudes[i];
      expect(Math.abs(found[i] - this.values[i]), `${what} [${i}]`).toBeLessThanOrEqual(bound);
    }
  }
}

type Sizes = { [K in 'inputs' | 'outputs' | 'group']: number } & Omit<
  Convolution,
  'inputs' | 'outputs' | 'group'
>;

/**
 * The definition, in seven loops: y of x and w, and what comes back to x and to w from g. What comes back to x is
 * the transposed convolution of g.
 */
function defined(c: Sizes, x: Float32Array, w: Float32Array, g: Float32Array) {
  const { inputs, outputs, group, kernel, strides, dilations, before } = c;
  const [perGroup, outputsPerGroup] = [inputs / group, outputs / group];
  const [[height, width], [rows, columns]] = [c.size, c.reduced];
  const [y, dx, dw] = [g, x, w].map(({ length }) => new Sums(length));
  for (let n = 0; n < SAMPLES; n++)
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < perGroup; i++)
        for (let row = 0; row < rows; row++)
          for (let column = 0; column < columns; column++)
            for (let a = 0; a < kernel[0]; a++)
              for (let b = 0; b < kernel[1]; b++) {
                const h = strides[0] * row + dilations[0] * a - before[0];
                const v = strides[1] * column + dilations[1] * b - before[1];
                if (h < 0 || h >= height || v < 0 || v >= width) continue;
                const input = Math.floor(o / outputsPerGroup) * perGroup + i;
                const at = ((n * inputs + input) * height + h) * width + v;
                const to = ((n * outputs + o) * rows + row) * columns + column;
                const k = ((o * perGroup + i) * kernel[0] + a) * kernel[1] + b;
                y.add(to, x[at] * w[k]);
                dx.add(at, g[to] * w[k]);
                dw.add(k, g[to] * x[at]);
              }
  return { y, dx, dw };
}

/** A convolution of any size, kernel, stride, padding, dilation and grouping, of few enough entries for loops. */
function drawn(random: Random): Sizes {
  const below = (n: number) => random.below(n);
  const pair = (make: () => number) => [make(), make()] as [number, number];
  for (;;) {
    const group = [1, 1, 1, 2, 3][below(5)];
    const kernel = pair(() => 1 + below(4));
    const strides = below(2) ? [1, 1] : pair(() => 1 + below(3));
    const dilations = below(3) ? [1, 1] : pair(() => 1 + below(3));
    const pads = [...pair(() => below(3)), ...pair(() => below(3))];
    const shape = ['N', 1, ...pair(() => 1 + below(9))];
    const [inputs, outputs] =
      [1, 4, 8, 20][below(4)] % 5 ? pair(() => group * (1 + below(7))) : [20 * group, group];
    try {
      const windows = windowsOf('drawn', { shape }, kernel, { strides, dilations, pads });
      return { inputs, outputs, group, ...windows };
    } catch (error) {
      if (!(error instanceof GraphError)) throw error; // nothing is left of the planes: draw again
    }
  }
}

const noise = (random: Random, length: number) =>
  Float32Array.from({ length }, () => 2 * random.uniform() - 1);

const attributes = ({ strides, dilations, before, after, group }: Sizes) => ({
  strides,
  dilations,
  pads: [...before, ...after],
  group,
});

/** What a transposed convolution must be told of the rows and columns beyond the last window. */
const beyond = ({ size, reduced, kernel, strides, dilations, before, after }: Sizes) =>
  size.map(
    (d, i) => d + before[i] + after[i] - strides[i] * (reduced[i] - 1) - dilations[i] * (kernel[i] - 1) - 1,
  );

const shapes = ({ inputs, outputs, size, reduced, kernel, group }: Sizes) => ({
  x: [SAMPLES, inputs, ...size],
  w: [outputs, inputs / group, ...kernel],
  g: [SAMPLES, outputs, ...reduced],
});

const describeConvolution = (c: Sizes) =>
  `${c.inputs} → ${c.outputs}, ${c.size} by ${c.kernel}, strides ${c.strides}, dilations ${c.dilations}, pads ${c.before},${c.after}, ${c.group} groups`;

const random = new Random(7);
const convolutions = Array.from({ length: 120 }, () => drawn(random));

describe('convolutions and their gradients are what the definition says', () => {
  for (const [i, c] of convolutions.entries()) {
    test(`${i}: ${describeConvolution(c)}`, async () => {
      const { x, w, g } = shapes(c);
      const data = { x: noise(random, size(x)), w: noise(random, size(w)), g: noise(random, size(g)) };
      const graph = new Graph();
      const named = (name: string, [, ...rest]: number[]) => graph.input(name, ['N', ...rest]);
      const [vx, vw, vg] = [named('x', x), graph.input('w', w), named('g', g)];
      const scalar = (a: Value, b: Value) =>
        graph.op('ReduceSum', [graph.op('Mul', [a, b]), graph.integers([0, 1, 2, 3])], { keepdims: 0 });
      const y = graph.op('Conv', [vx, vw], attributes(c));
      const back = graph.op('ConvTranspose', [vg, vw], { ...attributes(c), output_padding: beyond(c) });
      const [dx, dw] = gradients(graph, scalar(y, vg), [vx, vw]);
      const [dg, dwOfBack] = gradients(graph, scalar(back, vx), [vg, vw]);
      for (const [name, value] of Object.entries({ y, dx, dw, back, dg, dwOfBack }))
        graph.output(name, value);
      const session = await createSession(serialise(graph, 'test'), { threads: 1 });
      const found = await session.run({ x: tensor(data.x, x), w: tensor(data.w, w), g: tensor(data.g, g) });
      const truth = defined(c, data.x, data.w, data.g);
      expect(found.back.dims).toEqual(x);
      expect(found.y.dims).toEqual(g);
      expect(found.dw.dims).toEqual(w);
      const near = (sums: Sums, name: string) => sums.expectNear(found[name].data as Float32Array, name);
      for (const name of ['y', 'dg']) near(truth.y, name);
      for (const name of ['dx', 'back']) near(truth.dx, name);
      for (const name of ['dw', 'dwOfBack']) near(truth.dw, name);
      await session.release();
    });
  }

  test('these are enough for each form that a plan can choose', () => {
    const plans = convolutions.map(convolutionPlan);
    expect(new Set(plans.map(({ forward }) => forward))).toEqual(new Set(['gathered', 'scattered']));
    expect(new Set(plans.map(({ backward }) => backward))).toEqual(new Set(['gathered', 'scattered']));
    expect(new Set(plans.map(({ weights }) => weights))).toEqual(new Set(Object.keys(weightGradients)));
  });
});

describe('the forms of the gradient by the weights agree', () => {
  for (const [i, c] of convolutions.entries()) {
    const { group, dilations, strides, before, after, kernel } = c;
    if (group !== 1 || dilations.some((d) => d !== 1)) continue;
    const swaps =
      strides.every((stride) => stride === 1) &&
      [before, after].every((pads) => pads.every((pad, axis) => pad < kernel[axis]));
    const forms: WeightGradient[] = [
      'columns',
      'sliding gradient',
      ...(swaps ? ['sliding input' as const] : []),
    ];
    test(`${i}: ${describeConvolution(c)}: ${forms.join(', ')}`, async () => {
      const { x, w, g } = shapes(c);
      const [dataX, dataG] = [noise(random, size(x)), noise(random, size(g))];
      const graph = new Graph();
      const [vx, vg] = [graph.input('x', x), graph.input('g', g)];
      for (const form of forms) graph.output(form, weightGradients[form](graph, vx, vg, c));
      const session = await createSession(serialise(graph, 'test'), { threads: 1 });
      const found = await session.run({ x: tensor(dataX, x), g: tensor(dataG, g) });
      const { dw } = defined(c, dataX, new Float32Array(size(w)), dataG);
      for (const form of forms) dw.expectNear(found[form].data as Float32Array, form);
      await session.release();
    });
  }
});
