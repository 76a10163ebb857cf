import type { Training } from '../../bundle/training.ts';
import { RULES } from '../optimiser/rules.ts';
import type { NoiseSpec, ParameterSpec } from './scope.ts';

/** A parameter, and its place in the array of all of them, in floats. */
export interface Slot {
  readonly spec: ParameterSpec;
  readonly offset: number;
  readonly size: number;
}

/** Where each parameter lies: at multiples of 16 floats, so that each is aligned and kernels need no tail. */
export function layOut(parameters: readonly ParameterSpec[]): { slots: Slot[]; total: number } {
  let total = 0;
  const slots = parameters.map((spec) => {
    const size = spec.shape.reduce((a, b) => a * b, 1);
    const offset = total;
    total += Math.ceil(size / 16) * 16;
    return { spec, offset, size };
  });
  return { slots, total };
}

interface Noisy {
  readonly noise: readonly NoiseSpec[];
}

/** Numbers per sample in each noise buffer, which the two graphs share: the larger of what they need. */
export function findNoiseWidths(step: Noisy, validation: Noisy | undefined): number[] {
  const [a, b] = [step, validation].map((objective) => objective?.noise.map((spec) => spec.columns) ?? []);
  const longer = a.length > b.length ? a : b;
  return longer.map((_, i) => Math.max(a[i] ?? 0, b[i] ?? 0));
}

/** The kernel memory that training takes in bytes: parameters, gradients, moments and the noise of `rows` samples. */
export function countKernelBytes(
  parameters: readonly ParameterSpec[],
  noiseWidths: readonly number[],
  optimiser: Training['optimiser'],
  { rows, pieces }: { rows: number; pieces: boolean },
): number {
  const copies = 2 + (pieces ? 1 : 0) + RULES[optimiser].moments;
  const noise = rows * noiseWidths.reduce((a, b) => a + b, 0);
  return 4 * (copies * layOut(parameters).total + noise) + SLACK;
}

/** For the alignment of each array, and the state of the noise kernels. */
const SLACK = 65_536;
