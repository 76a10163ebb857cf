import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { gradients } from '../../../training/onnx/graph/autodiff.ts';
import { Graph, type Value } from '../../../training/onnx/graph/graph.ts';
import { GraphError } from '../../../training/onnx/ir/error.ts';
import { planConvolution } from '../../../training/onnx/ops/convolution.ts';
import {
  type Convolution,
  type WeightGradient,
  weightGradients,
  windowsOf,
} from '../../../training/onnx/ops/im2col.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { createSession, tensor } from '../../../training/runtime/session.ts';
import { expectGradients } from './finite-differences.ts';

const SAMPLES = 3;
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Sums of products in f64, with a bound for their error in f32. */
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

  /** A sum of n products is off by at most n · 2⁻²⁴ times the sum of their magnitudes, in any order (Higham 2002, 3.5). */
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
 * The definition, in seven loops: y from x and w, and the gradients by x and w from g. The gradient by x is the
 * transposed convolution of g.
 */
function convolveByDefinition(c: Sizes, x: Float32Array, w: Float32Array, g: Float32Array) {
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

/** A convolution with any size, kernel, stride, padding, dilation and grouping, small enough for loops. */
function drawConvolution(random: Random): Sizes {
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

/** The rows and columns beyond the last window, which a transposed convolution must be told. */
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
const convolutions = Array.from({ length: 120 }, () => drawConvolution(random));

describe('convolutions and their gradients agree with the definition', () => {
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
      const truth = convolveByDefinition(c, data.x, data.w, data.g);
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

  test('the cases cover every form that a plan can choose', () => {
    const plans = convolutions.map(planConvolution);
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
      const { dw } = convolveByDefinition(c, dataX, new Float32Array(size(w)), dataG);
      for (const form of forms) dw.expectNear(found[form].data as Float32Array, form);
      await session.release();
    });
  }
});

describe('a plan', () => {
  const plan = (
    inputs: number,
    outputs: number,
    attributes: { strides?: [number, number]; group?: number } = {},
  ) => {
    const windows = windowsOf('plan', { shape: ['N', inputs, 28, 28] }, [3, 3], {
      pads: [1, 1, 1, 1],
      ...attributes,
    });
    return planConvolution({ inputs, outputs, group: 1, ...windows, ...attributes });
  };

  test('gathers wide convolutions, and slides over the operand with fewer channels', () => {
    const [forward, backward] = ['gathered', 'gathered'] as const;
    expect(plan(32, 64)).toEqual({ forward, backward, weights: 'sliding gradient' });
    expect(plan(64, 32)).toEqual({ forward, backward, weights: 'sliding input' });
  });

  test('scatters if there are few results, or a stride', () => {
    expect(plan(32, 1).forward).toBe('scattered');
    expect(plan(1, 32).backward).toBe('scattered');
    expect(plan(32, 64, { strides: [2, 2] }).backward).toBe('scattered');
  });

  test('uses im2col for very few channels and for groups', () => {
    expect(plan(1, 32).weights).toBe('columns');
    expect(plan(64, 64, { group: 64 }).weights).toBe('columns');
  });
});

test('constant weights leave plain operators in the model', () => {
  const graph = new Graph();
  const x = graph.input('x', ['N', 32, 4, 4]);
  const w = graph.constant(new Float32Array(32 * 9), [1, 32, 3, 3]);
  const attributes = { pads: [1, 1, 1, 1] };
  graph.output('y', graph.op('ConvTranspose', [graph.op('Conv', [x, w], attributes), w], attributes));
  const { graph: written } = onnxProto.onnx.ModelProto.decode(serialise(graph, 'test'));
  expect(written?.node?.map(({ opType }) => opType)).toEqual(['Conv', 'ConvTranspose']);
});

describe('pooling agrees with the definition', () => {
  /** The entries in each window of each plane, index by index, as in the definition. */
  function groupByWindow(
    x: Float32Array,
    planes: number,
    { size: [height, width], reduced, kernel, strides, before }: Sizes | ReturnType<typeof windowsOf>,
    of: (entries: number[]) => number,
  ): number[] {
    const all: number[] = [];
    for (let plane = 0; plane < planes; plane++)
      for (let row = 0; row < reduced[0]; row++)
        for (let column = 0; column < reduced[1]; column++) {
          const entries: number[] = [];
          for (let a = 0; a < kernel[0]; a++)
            for (let b = 0; b < kernel[1]; b++) {
              const [h, v] = [strides[0] * row + a - before[0], strides[1] * column + b - before[1]];
              if (h >= 0 && h < height && v >= 0 && v < width)
                entries.push(x[(plane * height + h) * width + v]);
            }
          all.push(of(entries));
        }
    return all;
  }

  const cases: Record<string, number[]>[] = [
    { kernel_shape: [2, 2], strides: [2, 2] },
    { kernel_shape: [3, 2], strides: [1, 2], pads: [1, 0, 2, 1] },
    { kernel_shape: [2, 3], strides: [3, 1], pads: [0, 2, 1, 0] },
  ];
  const mean = (entries: number[]) => entries.reduce((a, b) => a + b, 0) / entries.length;
  for (const attributes of cases) {
    test(JSON.stringify(attributes), async () => {
      const random = new Random(3);
      const shape = [SAMPLES, 2, 6, 8];
      const data = noise(random, size(shape));
      const graph = new Graph();
      const x = graph.input('x', ['N', 2, 6, 8]);
      const padded = { ...attributes, count_include_pad: 1 };
      graph.output('max', graph.op('MaxPool', [x], attributes));
      graph.output('mean', graph.op('AveragePool', [x], attributes));
      graph.output('padded', graph.op('AveragePool', [x], padded));
      const session = await createSession(serialise(graph, 'test'), { threads: 1 });
      const found = await session.run({ x: tensor(data, shape) });
      const [height, width] = attributes.kernel_shape;
      const windows = windowsOf('test', x, [height, width], attributes);
      const expected = (of: (entries: number[]) => number) => groupByWindow(data, SAMPLES * 2, windows, of);
      const near = (name: string, truth: number[]) => {
        expect(found[name].dims).toEqual([SAMPLES, 2, ...windows.reduced]);
        for (const [i, value] of truth.entries()) expect(Number(found[name].data[i])).toBeCloseTo(value, 5);
      };
      near(
        'max',
        expected((entries) => Math.max(...entries)),
      );
      near('mean', expected(mean));
      near(
        'padded',
        expected((entries) => (mean(entries) * entries.length) / (height * width)),
      );
      await session.release();
    });
  }

  test('upsampling repeats each entry, the mean of a plane is one', async () => {
    const graph = new Graph();
    const x = graph.input('x', ['N', 1, 2, 2]);
    graph.output('up', graph.op('UpsampleNearest', [x], { scales: [2, 3] }));
    graph.output('mean', graph.op('GlobalAveragePool', [x]));
    const session = await createSession(serialise(graph, 'test'), { threads: 1 });
    const found = await session.run({ x: tensor(Float32Array.of(1, 2, 3, 4), [1, 1, 2, 2]) });
    const [top, bottom] = [
      [1, 1, 1, 2, 2, 2],
      [3, 3, 3, 4, 4, 4],
    ];
    expect(Array.from(found.up.data as Float32Array)).toEqual([top, top, bottom, bottom].flat());
    expect(found.up.dims).toEqual([1, 1, 4, 6]);
    expect(Array.from(found.mean.data as Float32Array)).toEqual([2.5]);
    await session.release();
  });
});

describe('if several entries of a window are the largest', () => {
  const gradientOf = async (attributes: Record<string, number[]>, values: number[], width: number) => {
    const graph = new Graph();
    const x = graph.input('x', ['N', 1, 2, width]);
    const y = graph.op('MaxPool', [x], attributes);
    const sum = graph.op('ReduceSum', [y, graph.integers([0, 1, 2, 3])], { keepdims: 0 });
    graph.output('dx', gradients(graph, sum, [x])[0]);
    const session = await createSession(serialise(graph, 'test'), { threads: 1 });
    const found = await session.run({ x: tensor(Float32Array.from(values), [1, 1, 2, width]) });
    await session.release();
    return Array.from(found.dx.data as Float32Array);
  };

  test('they share the gradient if windows tile the plane', async () => {
    const side = { kernel_shape: [2, 2], strides: [2, 2] };
    expect(await gradientOf(side, [1, 1, 0, 0, 0, 1, 0, 5], 4)).toEqual([
      ...[Math.fround(1 / 3), Math.fround(1 / 3), 0, 0],
      ...[0, Math.fround(1 / 3), 0, 1],
    ]);
  });

  test('the first gets it if windows overlap, and an entry in two windows gets both', async () => {
    const overlap = { kernel_shape: [2, 2], strides: [1, 1] };
    expect(await gradientOf(overlap, [0, 1, 1, 0, 0, 0], 3)).toEqual([0, 2, 0, 0, 0, 0]);
  });
});

test('a whole convolutional autoencoder', async () => {
  const args = [
    ['N', 1, 6, 6],
    [5, 1, 3, 3],
    [5],
    [6, 5, 3, 3],
    [6],
    [6, 5, 3, 3],
    [5],
    [5, 1, 3, 3],
    [1],
  ].map((shape) => ({ shape, draw: (random: Random) => random.normal() / 2 }));
  const [same, halved] = [{ pads: [1, 1, 1, 1] }, { pads: [1, 1, 1, 1], strides: [2, 2] }];
  await expectGradients(args, (graph, [x, w1, b1, w2, b2, w3, b3, w4, b4]) => {
    const soft = (value: Value) => graph.op('Tanh', [value]);
    const first = soft(graph.op('Conv', [x, w1, b1], same));
    const code = soft(graph.op('Conv', [first, w2, b2], halved));
    const small = { ...halved, output_padding: [1, 1] };
    const back = soft(graph.op('ConvTranspose', [code, w3, b3], small));
    const flat = (value: Value) => graph.op('Reshape', [value, graph.integers([0, 36])]);
    const logits = flat(graph.op('ConvTranspose', [back, w4, b4], same));
    const error = graph.op('Sub', [graph.op('Sigmoid', [logits]), flat(x)]);
    return graph.op('ReduceMean', [graph.op('Mul', [error, error])], { axes: [1], keepdims: 0 });
  });
});

describe('inputs that do not fit are refused, naming the shapes', () => {
  const graph = new Graph();
  const [x, w] = [graph.input('x', ['N', 3, 8, 8]), graph.input('w', [4, 3, 3, 3])];
  const plane = graph.input('plane', ['N', 3, 2, 2]);
  const of = (...shape: (number | string)[]) => graph.input('other', shape);
  const refused: [string, () => unknown, string][] = [
    [
      'channels',
      () => graph.op('Conv', [x, of(4, 2, 3, 3)]),
      'Conv: weights [4, 2, 3, 3], group 1, do not fit the channels of [N, 3, 8, 8]',
    ],
    [
      'groups',
      () => graph.op('Conv', [of('N', 4, 8, 8), of(3, 2, 3, 3)], { group: 2 }),
      'weights [3, 2, 3, 3], group 2, do not fit the channels of [N, 4, 8, 8]',
    ],
    [
      'transposed channels',
      () => graph.op('ConvTranspose', [x, w]),
      'ConvTranspose: weights [4, 3, 3, 3], group 1, do not fit',
    ],
    ['a bias', () => graph.op('Conv', [x, w, of(3)]), 'Conv: bias [3] does not fit weights [4, 3, 3, 3]'],
    [
      'dimensions',
      () => graph.op('Conv', [of('N', 192), w]),
      'Conv: [N, 192] must have 4 dimensions, the last two of them known',
    ],
    [
      'a named width',
      () => graph.op('Conv', [of('N', 3, 8, 'W'), w]),
      'Conv: [N, 3, 8, W] must have 4 dimensions',
    ],
    [
      'a kernel that is too large',
      () => graph.op('Conv', [plane, w]),
      'Conv: a kernel of [3,3] with pads [0,0,0,0] leaves nothing of [N, 3, 2, 2]',
    ],
    [
      'an unknown attribute',
      () => graph.op('Conv', [x, w], { stride: [2, 2] }),
      'Conv: there is no attribute stride, only kernel_shape, strides',
    ],
    [
      'a single stride',
      () => graph.op('Conv', [x, w], { strides: 2 }),
      'Conv: strides must be 2 whole numbers from 1, not [2]',
    ],
    [
      'a stride of 0',
      () => graph.op('Conv', [x, w], { strides: [2, 0] }),
      'Conv: strides must be 2 whole numbers from 1, not [2, 0]',
    ],
    [
      'a kernel_shape of other weights',
      () => graph.op('Conv', [x, w], { kernel_shape: [5, 5] }),
      'the kernels of [4, 3, 3, 3] are not of kernel_shape [5,5]',
    ],
    [
      'output padding',
      () => graph.op('ConvTranspose', [of('N', 4, 8, 8), w], { output_padding: [1, 0] }),
      'ConvTranspose: output_padding [1,0] must be smaller than the strides [1,1]',
    ],
    [
      'the gradient of another convolution',
      () => graph.op('ConvWeightGradient', [x, of('N', 4, 8, 8)], { kernel_shape: [3, 3] }),
      'ConvWeightGradient: a convolution of [N, 3, 8, 8] gives [N, 4, 6, 6], not [N, 4, 8, 8]',
    ],
    [
      'a pool without windows',
      () => graph.op('MaxPool', [x]),
      'MaxPool: kernel_shape must be 2 whole numbers from 1',
    ],
    [
      'pads of whole windows',
      () => graph.op('AveragePool', [x], { kernel_shape: [2, 2], pads: [2, 0, 0, 0] }),
      'AveragePool: pads [2,0, 0,0] must be smaller than the kernel [2,2]',
    ],
    [
      'a broken scale',
      () => graph.op('UpsampleNearest', [x], { scales: [2, 1.5] }),
      'UpsampleNearest: scales must be 2 whole numbers from 1, not [2, 1.5]',
    ],
  ];
  for (const [what, make, message] of refused) {
    test(what, () => {
      expect(make).toThrow(GraphError);
      expect(make).toThrow(message);
    });
  }
});
