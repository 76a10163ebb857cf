import { expect, it } from 'vitest';
import { createJob } from '../../tsne/job.ts';
import { Repulsion } from '../../tsne/repulsion.ts';
import { GRADIENTS, type TsneOptions } from '../../tsne/types.ts';
import { resolveSettings } from '../../tsne/validation.ts';
import { clusterPoints } from './points.ts';

/** The method that is chosen for n points on a map of this extent. */
function methodFor(n: number, extent: number, options: TsneOptions): string {
  const settings = resolveSettings({ perplexity: 1, ...options }, n, 3);
  const k = 3;
  const neighbours = { k, indices: new Int32Array(n * k), distances: new Float32Array(n * k) };
  const job = createJob(settings, neighbours, new Float64Array(n * settings.dims), 1);
  job.coordinates.y.set(clusterPoints(n, extent, 1, settings.dims));
  new Repulsion(job, 0).prepare();
  return GRADIENTS[job.method[0]!]!;
}

it.each<[number, number, TsneOptions, string]>([
  [10_000, 50, {}, 'interpolation'],
  [10_000, 5000, {}, 'barnes-hut'],
  [300, 50, {}, 'barnes-hut'],
  [60_000, 10, { dims: 3 }, 'interpolation'],
  [60_000, 50, { dims: 3 }, 'barnes-hut'],
  [5000, 10, { dims: 3 }, 'barnes-hut'],
  [10_000, 50, { dof: 2 }, 'barnes-hut'],
])('%d points on a map of %d are pushed apart by the faster method: %o', (n, extent, options, method) => {
  expect(methodFor(n, extent, options)).toBe(method);
});

it('a map that is too wide for the largest grid takes the tree, though a grid is wanted', () => {
  const gradient = 'interpolation';
  expect(methodFor(500, 50, { gradient, dims: 3 })).toBe(gradient);
  expect(methodFor(500, 70, { gradient, dims: 3 })).toBe('barnes-hut');
  expect(methodFor(500, 600, { gradient })).toBe(gradient);
  expect(methodFor(500, 800, { gradient })).toBe('barnes-hut');
});
