/** t-SNE by itself, in worker threads of Node: `import { tsne } from 'offmanifold/tsne'`. */
export { tsne } from './tsne.ts';
export type { Embedding, Neighbours, TsneOptions } from './types.ts';
