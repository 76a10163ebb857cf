import { describe, expect, test } from 'vitest';
import { load } from '../../engine/index.ts';
import { operators } from '../../engine/ops/registry.ts';
import { Random } from '../../kernels/random.ts';
import { Graph, type Shape, type Value } from '../../training/onnx/graph/graph.ts';
import { operators as exported } from '../../training/onnx/ops/registry.ts';
import { serialise } from '../../training/onnx/serialise.ts';
import { convolutionCases } from '../training/onnx/convolution-cases.ts';
import {
  type Argument,
  clearOfZero,
  type GradientCase,
  gradientCases,
  N,
} from '../training/onnx/gradient-cases.ts';
import { largestDifference, runBoth } from './support.ts';

/** Operators that only training runs, and never exports. */
const TRAINING = new Set(['ScatterElements', 'Shape', 'ConstantOfShape']);

test('every operator that training can export is one of the engine', () => {
  const names = Object.entries(exported).flatMap(([name, op]) => ('lower' in op && op.lower ? [] : [name]));
  expect(names.length).toBeGreaterThan(50);
  expect(names.filter((name) => !operators.has(name) && !TRAINING.has(name))).toEqual([]);
});

/** Operators whose other operands must be constants in the engine. */
const WEIGHTED = new Set(['Conv', 'ConvTranspose', 'BatchNormalization']);

const sizeOf = (shape: Shape): number => shape.reduce<number>((a, d) => a * (d === 'N' ? N : Number(d)), 1);
const fixed = (shape: Shape): number[] => shape.map((d) => (d === 'N' ? N : Number(d)));
const drawOf = ({ shape, draw = clearOfZero }: Argument, random: Random) =>
  Float32Array.from({ length: sizeOf(shape) }, () => draw(random));

/** A model with one sample that holds all operands of a case; or the first alone, the others being constants. */
function buildModel(
  { op, arguments: operands, attributes = {}, build }: GradientCase,
  random: Random,
  constants: boolean,
): { model: Uint8Array; sample: Float32Array } {
  const graph = new Graph();
  const drawn = operands.map((operand) => drawOf(operand, random));
  const own = constants ? drawn.slice(0, 1) : drawn;
  const x = graph.input('x', [1, own.reduce((sum, { length }) => sum + length, 0)]);
  let start = 0;
  const values = operands.map(({ shape }, i): Value => {
    if (i >= own.length) return graph.constant(drawn[i], fixed(shape));
    const part = graph.slice(x, start, start + drawn[i].length, 1);
    start += drawn[i].length;
    return graph.reshape(part, fixed(shape));
  });
  const y = build ? build(graph, values) : graph.op(op as keyof typeof exported, values, attributes);
  graph.output('y', y);
  const sample = Float32Array.from(own.flatMap((part) => [...part]));
  return { model: serialise(graph, 'case'), sample };
}

const cases = [...gradientCases, ...convolutionCases]
  .filter(({ op }) => op !== 'ConvWeightGradient')
  .map((one, i) => [`${one.op}, ${one.name}`, one, i] as const);

describe('the engine agrees with onnxruntime-node', () => {
  test.each(cases)('%s', async (_, one, i) => {
    for (const constants of WEIGHTED.has(one.op) ? [true] : [true, false]) {
      const { model, sample } = buildModel(one, new Random(i + 1), constants);
      for (const { name, own, expected } of await runBoth(model, sample, 1)) {
        expect(largestDifference(own, expected), `${name}, constants ${constants}`).toBeLessThan(1e-5);
      }
    }
  });

  const special = [
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    0,
    -0,
    1e38,
    -1e38,
    1e-40,
    2.5,
    -7,
  ];
  const unary = [
    'Neg',
    'Abs',
    'Sqrt',
    'Floor',
    'Exp',
    'Log',
    'Erf',
    'Sigmoid',
    'Tanh',
    'Sin',
    'Cos',
  ] as const;
  test.each(unary)('%s of what is not finite, tiny or huge', async (op) => {
    const graph = new Graph();
    graph.output('y', graph.op(op, [graph.input('x', ['N', special.length])]));
    const finite = special.map((x) => (['Sin', 'Cos'].includes(op) && Math.abs(x) > 1e4 ? 3 : x));
    const model = serialise(graph, 'special');
    const [{ own, expected }] = await runBoth(model, Float32Array.from(finite), 1);
    for (const [i, y] of own.entries()) {
      if (Number.isNaN(expected[i])) expect(y, `${op}(${finite[i]})`).toBeNaN();
      else if (!Number.isFinite(expected[i])) expect(y, `${op}(${finite[i]})`).toBe(expected[i]);
      else
        expect(Math.abs(y - expected[i]), `${op}(${finite[i]})`).toBeLessThanOrEqual(
          1e-5 * Math.abs(expected[i]) + 1e-6,
        );
    }
  });
});

describe('what indexes, sorts and moves', () => {
  const check = async (shape: number[], build: (graph: Graph, x: Value) => Value, n = 5) => {
    const graph = new Graph();
    const features = shape.reduce((a, b) => a * b, 1);
    const input = graph.input('x', ['N', features]);
    graph.output('y', build(graph, shape.length > 1 ? graph.reshape(input, [-1, ...shape]) : input));
    const random = new Random(features);
    // Values that repeat, for ties.
    const samples = Float32Array.from({ length: n * features }, () => random.below(9) - 4);
    for (const { own, expected } of await runBoth(serialise(graph, 'moves'), samples, n)) {
      expect(largestDifference(own, expected)).toBeLessThan(1e-6);
    }
  };
  const indexed = (graph: Graph, x: Value) => graph.op('ArgMax', [x], { axis: 1, keepdims: 1 });

  test('ArgMax, along either axis', async () => {
    await check([7], (graph, x) => graph.toFloat(indexed(graph, x)));
    await check([4, 6], (graph, x) => graph.toFloat(graph.op('ArgMax', [x], { axis: -1, keepdims: 0 })));
  });

  test('TopK, the largest and the smallest, and where they are', async () => {
    for (const largest of [0, 1]) {
      for (const [shape, axis] of [
        [[11], 1],
        [[3, 8], -1],
        [[6, 4], 1],
      ] as const) {
        await check([...shape], (graph, x) => {
          const [values, places] = graph.ops('TopK', [x, graph.integers([3])], { axis, largest });
          return graph.concat([values, graph.toFloat(places)], axis === -1 ? shape.length : axis);
        });
      }
    }
  });

  test('Gather and GatherElements by constants and by results', async () => {
    await check([6], (graph, x) => graph.op('Gather', [x, graph.integers([5, 0, 0, 2])], { axis: 1 }));
    await check([6], (graph, x) => {
      const table = graph.constant(
        Float32Array.from({ length: 12 }, (_, i) => i * i),
        [6, 2],
      );
      return graph.op('Gather', [table, indexed(graph, x)], { axis: 0 });
    });
    await check([6], (graph, x) => graph.op('GatherElements', [x, indexed(graph, x)], { axis: 1 }));
  });

  test('GridSample within the plane and beyond it', async () => {
    await check([2, 5, 7], (graph, planes) => {
      const grid = Float32Array.from({ length: 2 * 12 }, (_, i) => Math.sin(i) * 1.3);
      const stretched = graph.expand(graph.constant(grid, [1, 3, 4, 2]), graph.integers([5, 3, 4, 2]));
      return graph.op('GridSample', [planes, stretched], {
        mode: 'bilinear',
        padding_mode: 'zeros',
        align_corners: 1,
      });
    });
  });
});

test('a model that is damaged, of another kind or with a foreign operator is refused with a sentence', async () => {
  const graph = new Graph();
  graph.output('y', graph.relu(graph.input('x', ['N', 2])));
  const good = serialise(graph, 'good');
  const text = new TextDecoder('latin1').decode(good);
  const other = Uint8Array.from(text.replaceAll('Relu', 'Rely'), (c) => c.charCodeAt(0));
  await expect(load(other)).rejects.toThrow('the engine has no operator Rely');
  await expect(load(good.subarray(0, good.length - 3))).rejects.toThrow(
    'the model is damaged: it ends in the middle',
  );
  await expect(load(new Uint8Array(0))).rejects.toThrow('this is not an ONNX model: it has no graph');
  await expect(load(new TextEncoder().encode('<!doctype html>'))).rejects.toThrow(
    /damaged|not an ONNX model/,
  );
  const engine = await load(good);
  expect(() => engine.run(new Float32Array(3), 1, ['y'])).toThrow('3 numbers are not 1 samples of 2');
  expect(() => engine.run(new Float32Array(2), 1, ['z'])).toThrow('the model has no output z');
  expect([...engine.run(Float32Array.of(-1, 2), 1, ['y']).y]).toEqual([0, 2]);
});

test('any bytes are refused without another error', async () => {
  const random = new Random(1);
  const graph = new Graph();
  graph.output('y', graph.gemm(graph.input('x', ['N', 4]), graph.constant(new Float32Array(12), [4, 3])));
  // A copy: what serialise returns shares its memory with slices.
  const good = Uint8Array.from(serialise(graph, 'good'));
  for (let i = 0; i < 3000; i++) {
    const bytes = good.slice(0, random.uniform() < 0.5 ? good.length : 1 + random.below(good.length));
    for (let k = 0; k < 3; k++) bytes[random.below(bytes.length)] = random.below(256);
    const error = await load(bytes)
      .then(
        (engine) => engine.run(new Float32Array(engine.features), 1, engine.outputs) && undefined,
        (thrown: Error) => thrown,
      )
      .catch((thrown: Error) => thrown);
    if (error) expect(error.name, `${error.stack}`).toBe('EngineError');
  }
});
