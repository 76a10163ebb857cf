import { GraphError } from './error.ts';
import { activations } from './ops/activations.ts';
import { convolution } from './ops/convolution.ts';
import { elementwise } from './ops/elementwise.ts';
import type { Op } from './ops/entry.ts';
import { losses } from './ops/losses.ts';
import { normalisation } from './ops/normalisation.ts';
import { products } from './ops/products.ts';
import { reduction } from './ops/reduction.ts';
import { shape } from './ops/shape.ts';

export type { Attributes } from './ops/entry.ts';

/** Every operator, by name; each family's file holds the entries. */
export const operators: Readonly<Record<string, Op>> = {
  ...elementwise,
  ...activations,
  ...products,
  ...reduction,
  ...shape,
  ...normalisation,
  ...losses,
  ...convolution,
};

/** The entry of an operator. Throws a {@link GraphError} if there is none. */
export function opEntry(name: string): Op {
  const entry = operators[name];
  if (!entry) throw new GraphError(`there is no operator ${name}`);
  return entry;
}
