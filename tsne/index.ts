/** t-SNE by itself, in Node and in browsers: `import { tsne } from 'offmanifold/tsne'`. */

export type { Rows } from './axes.ts';
export { FixedMap, type FixedMapOptions } from './fixed-map.ts';
export { directRows, findNeighboursBy, type Metric, neighboursFromDistances } from './metrics.ts';
export { findNeighbours, type NeighbourOptions } from './neighbours.ts';
export { randomStart, spectralStart } from './starts.ts';
export type { Embedding, Neighbours, TsneOptions } from './types.ts';
export { tsne } from './vectors.ts';
