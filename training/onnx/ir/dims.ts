import type { Dim, Shape } from './builder.ts';
import { GraphError } from './error.ts';

/** The sizes of the named dimensions in one run, such as `{ N: 256 }`. */
export type Sizes = Readonly<Record<string, number>>;

/** The number of elements in a shape, as a dimension: `'12·N'` for `[4, 'N', 3]`. At most one dimension may be named. */
export function product(shape: Shape): Dim {
  let factor = 1;
  let name = '';
  for (const dim of shape) {
    const [size, symbol] = parseDim(dim);
    if (name && symbol) throw new GraphError(`[${shape.join(', ')}] has more than one named dimension`);
    factor *= size;
    name ||= symbol;
  }
  return formatDim(factor, name);
}

/** `whole` divided by the dimensions in `part`, or undefined if that leaves a remainder. */
export function quotient(whole: Dim, part: Shape): Dim | undefined {
  const [size, symbol] = parseDim(whole);
  const [divisor, name] = parseDim(product(part));
  if (size % divisor !== 0 || (name && name !== symbol)) return undefined;
  return formatDim(size / divisor, name ? '' : symbol);
}

/** The number of elements in a shape for these sizes. */
export const countElements = (shape: Shape, sizes: Sizes): number =>
  shape.reduce((total: number, dim) => {
    const [factor, name] = parseDim(dim);
    if (name && !(name in sizes))
      throw new GraphError(`the size of ${name} in [${shape.join(', ')}] is not given`);
    return total * factor * (name ? sizes[name] : 1);
  }, 1);

/** Splits `'12·N'` into 12 and N; a size has no name. */
function parseDim(dim: Dim): [factor: number, name: string] {
  if (typeof dim === 'number') return [dim, ''];
  const [name, factor] = dim.split('·').reverse();
  return [Number(factor ?? 1), name];
}

const formatDim = (factor: number, name: string): Dim =>
  name && factor !== 0 ? (factor === 1 ? name : `${factor}·${name}`) : factor;
