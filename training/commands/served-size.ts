import type { Plan } from '../pipeline/plan.ts';
import { formatBytes, LIMITS } from './deploy-checks.ts';

/** Says that a model would be too large to be served, and what to do; empty if it would not. */
export function warnOfServedSize({ model: { architecture } }: Pick<Plan, 'model'>): string[] {
  // The weights, in float32; what detectors keep comes on top.
  const bytes = 4 * architecture.parameters;
  if (bytes <= LIMITS.fileBytes) return [];
  const convolutional = architecture.kind === 'convolutional';
  return [
    `scorer.onnx will have at least ${formatBytes(bytes)}, and a file that is served may have ${formatBytes(LIMITS.fileBytes)}: ` +
      `use a smaller --shape or smaller --widths${convolutional ? ', or more --channels with --strides 2' : ', or --architecture convolutional for images'}`,
  ];
}
