import type { Attributes, Graph, Value } from '../graph/graph.ts';
import { FEW_COLUMNS } from '../ops/entry.ts';
import { transpose } from '../ops/products.ts';

/**
 * onnxruntime sums a matrix product in pieces of this many terms. A thread with few columns takes larger pieces, which
 * round differently; but not if the first factor is transposed.
 */
const PIECE = 128;

/**
 * Replaces a product that would round differently on one thread and on two: with few columns and many terms it computes
 * the transposed product, whose first factor is transposed. Undefined if `op` is steady anyway, as with a constant
 * second factor, which onnxruntime packs in advance, in pieces of one size.
 */
export function makeSteady(
  graph: Graph,
  op: string,
  [a, b, ...bias]: readonly Value[],
  { transA = 0, transB = 0 }: Attributes,
): Value | undefined {
  const product = op === 'Gemm' || (op === 'MatMul' && a.shape.length === 2 && b.shape.length === 2);
  if (!product || transA || b.data) return undefined;
  const [height, terms] = a.shape;
  const columns = b.shape[transB ? 0 : 1];
  const few = typeof columns === 'number' && columns <= FEW_COLUMNS;
  if (!few || height === 1 || (typeof terms === 'number' && terms <= PIECE)) return undefined;
  // (A B)ᵀ = Bᵀ Aᵀ does not copy the large A.
  const second = transB ? transpose(graph, b) : b;
  const y = transpose(graph, graph.gemm(second, a, { transA: true, transB: true }));
  return bias.length > 0 ? graph.add(y, bias[0]) : y;
}
