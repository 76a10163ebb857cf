import type { Fusion } from '../../../bundle/fusion.ts';
import { runSubgraph } from '../../../training/detectors/run.ts';
import type { Graph, Value } from '../../../training/onnx/graph/graph.ts';
import type { Matrix } from '../../../training/runtime/rows.ts';
import { type FittedMember, fitMembers, type Member } from '../../../training/scorer/ensemble.ts';
import { fuse } from '../../../training/scorer/fusion.ts';
import type { View, Views } from '../../../training/scorer/views.ts';
import { clusters } from '../detectors/points.ts';

export const D = 3;
export const [train, unseen, fresh] = [clusters(300, 1), clusters(80, 2), clusters(40, 3)];

/** Every view is the sample itself, except `difference`, which is half of it. */
export const halve = (rows: Matrix): Matrix => ({ ...rows, values: rows.values.map((value) => value / 2) });
export const rowsFor = (rows: Matrix) => ({
  input: rows,
  projection: rows,
  code: rows,
  difference: halve(rows),
});
export const viewsIn =
  (graph: Graph, x: Value): Views =>
  (view: View) =>
    view === 'difference' ? graph.mul(x, 0.5) : x;

export const fitAll = (members: readonly Member[], contamination = 0, rows = train, others = unseen) =>
  fitMembers(members, { train: rowsFor(rows), unseen: rowsFor(others) }, { seed: 1, contamination });

export const scoreFused = async (
  members: readonly FittedMember[],
  rows: Matrix,
  fusion: Fusion = 'mean',
) => ({
  each: await runSubgraph((graph, x) => fuse(graph, viewsIn(graph, x), members, fusion).each, rows),
  score: await runSubgraph((graph, x) => fuse(graph, viewsIn(graph, x), members, fusion).score, rows),
});
