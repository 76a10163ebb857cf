import type { Attributes, Graph, Value } from '../graph/graph.ts';
import { FEW_COLUMNS } from '../ops/entry.ts';
import { transpose } from '../ops/products.ts';

/**
 * onnxruntime adds up a product of matrices in pieces of so many terms, unless one of its threads has few columns to
 * do: then in larger ones, and rounds otherwise. Of a first factor that is transposed the pieces are always these.
 */
const PIECE = 128;

/**
 * What rounds as `op` does on one thread, with two as well: of a product of few columns and many terms the transposed
 * one, whose first factor is transposed; undefined if `op` does so anyway. A factor that is constant does: onnxruntime lays it
 * out in advance, in pieces of one size.
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
  // (A B)ᵀ = Bᵀ Aᵀ: of the large A there is no copy.
  const second = transB ? transpose(graph, b) : b;
  const y = transpose(graph, graph.gemm(second, a, { transA: true, transB: true }));
  return bias.length > 0 ? graph.add(y, bias[0]) : y;
}
