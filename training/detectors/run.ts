import { Graph, type Value } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import type { Matrix } from '../runtime/rows.ts';
import { runRows } from '../runtime/run-rows.ts';
import { createSession, type SessionOptions } from '../runtime/session.ts';
import type { Fitted } from './detector.ts';

/** Runs a sub-graph of x (N × d) over all rows; each row gives `width` numbers: n × width. */
export async function runSubgraph(
  build: (graph: Graph, x: Value) => Value,
  rows: Matrix,
  { chunk, ...options }: SessionOptions & { chunk?: number } = {},
): Promise<Float32Array> {
  const graph = new Graph();
  graph.output('y', build(graph, graph.input('x', ['N', rows.d])));
  await using session = await createSession(serialise(graph, 'detector'), options);
  return (await runRows(session, rows, ['y'], { chunk })).y;
}

/** Rows in one run where each is compared with thousands of others. */
const CHUNK = 512;

/** The scores of all rows: [n]. */
export const scoreRows = (
  fitted: Fitted,
  rows: Matrix,
  options: SessionOptions = {},
): Promise<Float32Array> =>
  runSubgraph((graph, x) => fitted.score(graph, x), rows, { chunk: CHUNK, ...options });
