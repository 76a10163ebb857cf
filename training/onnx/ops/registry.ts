import { GraphError } from '../ir/error.ts';
import { activations } from './activations.ts';
import { convolution } from './convolution.ts';
import { elementwise } from './elementwise.ts';
import type { Op } from './entry.ts';
import { losses } from './losses.ts';
import { normalisation } from './normalisation.ts';
import { products } from './products.ts';
import { reduction } from './reduction.ts';
import { shape } from './shape.ts';

/** Every operator, by name. The entries are in one file per family. */
export const operators = {
  ...elementwise,
  ...activations,
  ...products,
  ...reduction,
  ...shape,
  ...normalisation,
  ...losses,
  ...convolution,
} satisfies Record<string, Op>;

export type OpName = keyof typeof operators;

/** The entry of an operator. Throws a {@link GraphError} if there is none. */
export function opEntry(name: string): Op {
  const entry = Object.hasOwn(operators, name) ? operators[name as OpName] : undefined;
  if (!entry) throw new GraphError(`there is no operator ${name}`);
  return entry;
}
