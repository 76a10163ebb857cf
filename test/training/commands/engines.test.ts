import { expect, test } from 'vitest';
import { chooseEngine } from '../../../training/commands/engines.ts';
import { Graph } from '../../../training/onnx/graph/graph.ts';
import { serialise } from '../../../training/onnx/serialise.ts';

const graph = new Graph();
graph.output('y', graph.relu(graph.input('x', ['N', 3])));
const model = serialise(graph, 'model');
const foreign = Uint8Array.from(new TextDecoder('latin1').decode(model).replaceAll('Relu', 'Celu'), (c) =>
  c.charCodeAt(0),
);

test('our engine runs a model whose operators it has; onnxruntime-web runs others, or what it is asked to', async () => {
  expect(await chooseEngine(model, 'offmanifold')).toEqual({ used: 'offmanifold' });
  expect(await chooseEngine(model, 'onnxruntime-web')).toEqual({ used: 'onnxruntime-web' });
  expect(await chooseEngine(foreign, 'offmanifold')).toEqual({
    used: 'onnxruntime-web',
    why: 'the engine has no operator Celu',
  });
});
