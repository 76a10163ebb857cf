import type { Training } from '../../bundle/training.ts';
import type { Scope } from '../network/scope.ts';
import type { Value } from '../onnx/graph/graph.ts';

/** Corrupts samples for a denoising autoencoder (Vincent et al. 2010, section 3.3), with new noise in each step. */
export function corrupt(
  scope: Scope,
  x: Value,
  { corruption, corruption_level: level }: Pick<Training, 'corruption' | 'corruption_level'>,
): Value {
  const { graph } = scope;
  const atLeast = (u: Value, value: number) => graph.toFloat(graph.greaterOrEqual(u, value));
  if (corruption === 'gaussian') {
    return graph.add(x, graph.mul(scope.random('normal', x.shape), level));
  }
  if (corruption === 'masking') {
    return graph.mul(x, atLeast(scope.random('uniform', x.shape), level));
  }
  if (corruption === 'salt_and_pepper') {
    const u = scope.random('uniform', x.shape);
    const kept = graph.mul(x, atLeast(u, level));
    const salt = graph.sub(1, atLeast(u, level / 2));
    return graph.add(kept, salt);
  }
  return x;
}
