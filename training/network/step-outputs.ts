import { gradients } from '../onnx/graph/autodiff.ts';
import type { Value } from '../onnx/graph/graph.ts';
import type { Scope } from './scope.ts';

/** Adds the outputs of a training step: the loss, its gradient by each parameter, and the batch statistics. */
export function addStepOutputs(scope: Scope, loss: Value, parameters: ReadonlyMap<string, Value>): void {
  const { graph, statistics } = scope;
  graph.output('loss', loss);
  const found = gradients(graph, loss, [...parameters.values()]);
  for (const [i, name] of [...parameters.keys()].entries()) graph.output(`grad:${name}`, found[i]);
  for (const [name, value] of statistics) graph.output(`batch:${name}`, value);
}
