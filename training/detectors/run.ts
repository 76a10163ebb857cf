import { Graph, type Value } from '../onnx/graph/graph.ts';
import { serialise } from '../onnx/serialise.ts';
import type { Matrix } from '../runtime/rows.ts';
import { runRows } from '../runtime/run-rows.ts';
import { createSession, type SessionOptions } from '../runtime/session.ts';
import type { FittedDetector } from './detector.ts';

/** Builds a graph on x (N × d) and runs it over all rows. Returns its output, n × width, row-major. */
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

/** Rows per run: few, as a detector may compare each of them with thousands of others. */
const CHUNK = 512;

/** Scores rows by a fitted detector: [n]. */
export const runDetector = (
  fitted: FittedDetector,
  rows: Matrix,
  options: SessionOptions = {},
): Promise<Float32Array> =>
  runSubgraph((graph, x) => fitted.score(graph, x), rows, { chunk: CHUNK, ...options });
