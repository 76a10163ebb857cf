import { describe, expect, test } from 'vitest';
import { Random } from '../../../../kernels/random.ts';
import { gradients } from '../../../../training/onnx/graph/autodiff.ts';
import { Graph, type Value } from '../../../../training/onnx/graph/graph.ts';
import { GraphError } from '../../../../training/onnx/ir/error.ts';
import { clean } from '../../../../training/onnx/passes/clean.ts';
import { encodeModel } from '../../../../training/onnx/serialise.ts';
import { drawTensor, runModel } from '../run.ts';

const FEEDS = { x: drawTensor([3, 4], 1), y: drawTensor([3, 4], 2), row: drawTensor([4], 3) };

/** A graph with inputs x and y, ['N', 4], and row, [4], and the values that `build` returns as outputs. */
function graphOf(build: (graph: Graph, x: Value, y: Value, row: Value) => Value[]): Graph {
  const graph = new Graph();
  const [x, y, row] = [graph.input('x', ['N', 4]), graph.input('y', ['N', 4]), graph.input('row', [4])];
  for (const [i, value] of build(graph, x, y, row).entries()) graph.output(`out${i}`, value);
  return graph;
}

/** Runs a graph before and after it is cleaned, and compares each number within `tolerance`, relatively. */
async function expectSame(graph: Graph, tolerance = 0) {
  const before = await runModel(encodeModel(graph, 'before'), FEEDS);
  const after = await runModel(encodeModel(clean(graph), 'after'), FEEDS);
  for (const [name, { dims, data }] of Object.entries(before)) {
    expect(after[name].dims).toEqual(dims);
    for (const [i, value] of (data as Float32Array).entries()) {
      const found = Number(after[name].data[i]);
      expect(Math.abs(found - value), `${name}[${i}]: ${found}, was ${value}`).toBeLessThanOrEqual(
        tolerance * Math.abs(value),
      );
    }
  }
}

describe('a simpler form gives the same, bit for bit', () => {
  const cases: Record<
    string,
    { build: (graph: Graph, x: Value, y: Value, row: Value) => Value[]; left: string[] }
  > = {
    'what no output needs goes': {
      build: (graph, x) => {
        graph.op('Exp', [x]);
        return [graph.op('Neg', [x])];
      },
      left: ['Neg'],
    },
    'what is computed twice is computed once': {
      build: (graph, x, y) => [1, 2].map(() => graph.op('Exp', [graph.op('Mul', [x, y])])),
      left: ['Mul', 'Exp'],
    },
    'other attributes are another thing': {
      build: (graph, x) => [0, 1].map((axis) => graph.op('Softmax', [x], { axis })),
      left: ['Softmax', 'Softmax'],
    },
    'equal constants are one': {
      build: (graph, x) =>
        [1, 2].map(() => graph.op('Add', [x, graph.constant(Float32Array.of(1, 2, 3, 4), [4])])),
      left: ['Add'],
    },
    'constants of one content and two shapes are two': {
      build: (graph, x) =>
        [[4], [1, 4]].map((shape) =>
          graph.op('Add', [x, graph.constant(Float32Array.of(1, 2, 3, 4), shape)]),
        ),
      left: ['Add', 'Add'],
    },
    'scalars are computed': {
      build: (graph, x) => {
        const third = graph.op('Div', [graph.constant(1), graph.constant(3)]);
        return [graph.op('Add', [x, graph.op('Sub', [graph.op('Mul', [third, third]), graph.constant(7)])])];
      },
      left: ['Add'],
    },
    '· 1, / 1, − 0 and to the 1 do nothing': {
      build: (graph, x) => {
        const [one, zero] = [graph.constant(1), graph.constant(0)];
        const scaled = graph.op('Mul', [one, graph.op('Mul', [graph.op('Neg', [x]), one])]);
        return [graph.op('Pow', [graph.op('Sub', [graph.op('Div', [scaled, one]), zero]), one])];
      },
      left: ['Neg'],
    },
    'minus minus is plus': {
      build: (graph, x, y) => [graph.op('Add', [graph.op('Neg', [graph.op('Neg', [x])]), y])],
      left: ['Add'],
    },
    'transposed twice is transposed once, or not at all': {
      build: (graph, x) => {
        const cube = graph.op('Reshape', [x, graph.integers([0, 2, 2])]);
        const turned = graph.op('Transpose', [cube], { perm: [1, 2, 0] });
        const once = graph.op('Transpose', [turned], { perm: [0, 2, 1] });
        return [once, graph.op('Exp', [graph.op('Transpose', [graph.op('Transpose', [x])])])];
      },
      left: ['Reshape', 'Transpose', 'Exp'],
    },
    'changes of shape are one, or none': {
      build: (graph, x) => {
        const long = graph.op('Reshape', [
          graph.op('Unsqueeze', [x, graph.integers([0])]),
          graph.integers([-1, 2]),
        ]);
        const back = graph.op('Reshape', [
          graph.op('Unsqueeze', [long, graph.integers([1])]),
          graph.integers([-1, 4]),
        ]);
        return [graph.op('Exp', [back]), graph.op('Exp', [long])];
      },
      left: ['Reshape', 'Exp', 'Exp'],
    },
    'what broadcasts need not be stretched': {
      build: (graph, x, _, row) => {
        const stretched = graph.op('Expand', [row, graph.op('Shape', [x])]);
        return ['Add', 'Sub', 'Mul', 'Div'].flatMap((op) => [
          graph.ops(op, [x, stretched])[0],
          graph.ops(op, [stretched, x])[0],
        ]);
      },
      left: ['Add', 'Add', 'Sub', 'Sub', 'Mul', 'Mul', 'Div', 'Div'],
    },
    'but two that are stretched are': {
      build: (graph, x, _, row) => {
        const stretched = graph.op('Expand', [row, graph.op('Shape', [x])]);
        return [graph.op('Add', [stretched, stretched])];
      },
      left: ['Shape', 'Expand', 'Add'],
    },
    'a shape that is known is a constant, one that is not is taken once': {
      build: (graph, x, y, row) => {
        const half = graph.constant(0.5);
        const stretched = [x, y].map((value) => graph.op('Expand', [half, graph.op('Shape', [value])]));
        return [...stretched, graph.op('Expand', [half, graph.op('Shape', [row])])];
      },
      left: ['Shape', 'Expand', 'Expand'],
    },
    'a shape is had from the inputs, not from what has it': {
      build: (graph, x) => {
        const image = graph.op('Reshape', [graph.op('Exp', [x]), graph.integers([0, 2, 2])]);
        return [graph.op('Expand', [graph.constant(0.5), graph.op('Shape', [image])])];
      },
      left: ['Shape', 'Concat', 'Expand'],
    },
  };
  for (const [name, { build, left }] of Object.entries(cases)) {
    test(name, async () => {
      const graph = graphOf(build);
      expect(clean(graph).nodes.map(({ op }) => op)).toEqual(left);
      await expectSame(graph);
    });
  }
});

describe('consecutive factors', () => {
  const scaled = (c: number, d: number) =>
    graphOf((graph, x) => [graph.op('Mul', [graph.constant(d), graph.op('Mul', [x, graph.constant(c)])])]);

  test('are merged, within two units in the last place', async () => {
    const graph = scaled(1 / 3, 0.7);
    expect(clean(graph).nodes.length).toBe(1);
    await expectSame(graph, 2 ** -22);
  });

  test('stay if their product overflows or loses digits', () => {
    for (const [c, d] of [
      [1e30, 1e30],
      [1e-30, 1e-12],
      [0, 0],
    ]) {
      expect(clean(scaled(c, d)).nodes.length).toBe(2);
    }
  });
});

test('random graphs give the same with fewer nodes', async () => {
  const random = new Random(5);
  const pick = <T>(values: readonly T[]): T => values[random.below(values.length)];
  let [before, after] = [0, 0];
  for (let i = 0; i < 60; i++) {
    const graph = graphOf((graph, ...values) => {
      const steps = [
        () => graph.op(pick(['Add', 'Sub', 'Mul', 'Max']), [pick(values), pick(values)]),
        () => graph.op(pick(['Neg', 'Sigmoid', 'Relu']), [pick(values)]),
        () => graph.op(pick(['Add', 'Sub', 'Mul', 'Div']), [pick(values), graph.constant(pick([0.5, 1, 2]))]),
        () => graph.op('Transpose', [pick(values)]),
        () => graph.op('Unsqueeze', [pick(values), graph.integers([pick([0, 1, -1])])]),
        () => graph.op('Squeeze', [pick(values), graph.integers([pick([0, 1, -1])])]),
        () => graph.op('Reshape', [pick(values), graph.integers(pick([[-1], [-1, 4], [4, -1], [0, 2, -1]]))]),
        () => graph.op('Expand', [pick(values), graph.op('Shape', [pick(values)])]),
        () => graph.op('ReduceSum', [pick(values), graph.integers([0])], { keepdims: random.below(2) }),
      ];
      while (values.length < 20) {
        try {
          values.push(pick(steps)());
        } catch (error) {
          if (!(error instanceof GraphError)) throw error;
        }
      }
      return values.slice(-5);
    });
    before += graph.nodes.length;
    after += clean(graph).nodes.length;
    await expectSame(graph, 1e-5);
  }
  expect(after).toBeLessThan(before);
});

test('the forward pass and the gradients compute nothing twice', () => {
  const graph = graphOf((graph, x, y, row) => {
    const normal = graph.op('TrainingBatchNormalization', [x, row, row]);
    const kept = graph.op('Dropout', [graph.op('Gelu', [normal]), y], { rate: 0.5 });
    const sum = graph.op('ReduceSum', [kept, graph.integers([0, 1])], { keepdims: 0 });
    return gradients(graph, sum, [row]);
  });
  const count = (op: string) => clean(graph).nodes.filter((node) => node.op === op).length;
  expect(['Sqrt', 'GreaterOrEqual', 'Erf'].map(count)).toEqual([1, 1, 1]);
});
