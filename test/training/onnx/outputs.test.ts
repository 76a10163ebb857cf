import onnxProto from 'onnx-proto';
import { expect, test } from 'vitest';
import { Graph } from '../../../training/onnx/graph/graph.ts';
import { GraphError } from '../../../training/onnx/ir/error.ts';
import { keepOutputs } from '../../../training/onnx/outputs.ts';
import { serialise } from '../../../training/onnx/serialise.ts';
import { createSession, tensor } from '../../../training/runtime/session.ts';

/** x + 1 and twice that, and the square of x, computed with a large constant. */
function model(): Uint8Array {
  const graph = new Graph();
  const x = graph.input('x', ['N', 2]);
  const next = graph.op('Add', [x, graph.constant(1)]);
  graph.output('next', next);
  graph.output('twice', graph.op('Mul', [next, graph.constant(2)]));
  const large = graph.constant(new Float32Array(2000).fill(1), [2, 1000]);
  graph.output('other', graph.op('MatMul', [x, large]));
  return serialise(graph, 'test');
}

const graphOf = (bytes: Uint8Array) => onnxProto.onnx.ModelProto.decode(bytes).graph!;

test('the kept outputs give the same, and nothing else is computed', async () => {
  const whole = model();
  const part = keepOutputs(whole, ['twice']);
  const session = await createSession(part);
  const found = await session.run({ x: tensor(Float32Array.of(1, 2, 3, 4), [2, 2]) });
  await session.release();
  expect(Object.keys(found)).toEqual(['twice']);
  expect([...(found.twice.data as Float32Array)]).toEqual([4, 6, 8, 10]);
  expect(graphOf(part).node!.map(({ opType }) => opType)).toEqual(['Add', 'Mul']);
  expect(part.length).toBeLessThan(whole.length - 8000);
});

test('outputs keep the order in which they are asked for', async () => {
  const session = await createSession(keepOutputs(model(), ['other', 'next']));
  expect(session.outputNames).toEqual(['other', 'next']);
  await session.release();
});

test('an unknown output is refused with the names of the known ones', () => {
  expect(() => keepOutputs(model(), ['p_value'])).toThrow(GraphError);
  expect(() => keepOutputs(model(), ['p_value'])).toThrow('no output p_value: it has next, twice, other');
});
