import { elementwise } from './elementwise.ts';
import { normalisation } from './normalisation.ts';
import type { Op } from './op.ts';
import { products } from './products.ts';
import { quantisation } from './quantisation.ts';
import { reduction } from './reduction.ts';
import { shape } from './shape.ts';
import { windows } from './windows.ts';

/** Every operator that the engine runs, by its name in ONNX. */
export const operators: ReadonlyMap<string, Op> = new Map<string, Op>(
  Object.entries({
    ...elementwise,
    ...shape,
    ...reduction,
    ...products,
    ...windows,
    ...normalisation,
    ...quantisation,
  }),
);
