import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelMemory } from '../../kernels/kernels.ts';
import {
  createTree,
  DIAGONAL,
  END,
  FIRST,
  NODE_STRIDE,
  SKIP,
  type Tree,
  TreeBuilder,
  treeBytes,
} from '../../tsne/tree.ts';
import { scatterPoints } from './points.ts';

const newTree = (n: number): Tree => createTree(new KernelMemory(treeBytes(n)), n);

/** Checks everything that a traversal relies on, from `first` on; returns the nodes and places after the subtree of `node`. */
function checkSubtree(
  { nodes, links, sorted }: Tree,
  node: number,
  first: number,
): { node: number; place: number } {
  const at = NODE_STRIDE * node;
  let after = { node: node + 1, place: first };
  if (links[at + END] > 0) {
    expect(links[at + FIRST]).toBe(first);
    after.place = links[at + END];
  } else {
    while (after.node < links[at + SKIP])
      after = checkSubtree({ nodes, links, sorted } as Tree, after.node, after.place);
  }
  expect(after.node).toBe(links[at + SKIP]);
  const count = after.place - first;
  expect(nodes[at + 3]).toBe(count);
  let diagonal = 0;
  for (const axis of [0, 1, 2]) {
    const values = Array.from({ length: count }, (_, p) => sorted[4 * (first + p) + axis]);
    // Sums in another order round differently, by at most a part of the largest value.
    const mean = values.reduce((sum, value) => sum + value, 0) / count;
    const largest = Math.max(...values.map(Math.abs));
    expect(Math.abs(nodes[at + axis] - mean)).toBeLessThanOrEqual(1e-6 * largest + 2 ** -149);
    diagonal += (Math.max(...values) - Math.min(...values)) ** 2;
  }
  expect(nodes[at + DIAGONAL]).toBe(Math.fround(diagonal));
  return after;
}

describe.each([2, 3])('the tree in %d dimensions', (dims) => {
  it('holds every point once, in subtrees with the right masses, whatever the points', () => {
    const coordinate = fc.oneof(
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.constantFrom(0, 1e-9, 1e-40, -3, 7, 1e6),
    );
    const place = fc.array(coordinate, { minLength: dims, maxLength: dims });
    fc.assert(
      fc.property(fc.array(place, { minLength: 4, maxLength: 120 }), (places) => {
        const n = places.length;
        const y = Float32Array.from(places.flat());
        const tree = newTree(n);
        new TreeBuilder(tree, dims).build(y);
        expect(Array.from(tree.order).sort((a, b) => a - b)).toEqual(Array.from(places.keys()));
        for (const [at, i] of tree.order.entries()) {
          expect(tree.sorted.subarray(4 * at, 4 * at + dims)).toEqual(y.subarray(dims * i, dims * (i + 1)));
          expect(tree.sorted[4 * at + 3]).toBe(1);
        }
        expect(checkSubtree(tree, 0, 0)).toEqual({ node: tree.size[0], place: n });
        expect(tree.size[0]).toBeLessThan(2 * n);
      }),
    );
  });

  it('is the same when built again after other points', () => {
    const [used, fresh] = [newTree(300), newTree(300)];
    const builder = new TreeBuilder(used, dims);
    const [wide, small] = [20, 1e-4].map((extent) => Float32Array.from(scatterPoints(300, extent, 1, dims)));
    builder.build(wide);
    builder.build(small);
    new TreeBuilder(fresh, dims).build(small);
    const whole = NODE_STRIDE * fresh.size[0];
    expect(used.size).toEqual(fresh.size);
    expect(used.order).toEqual(fresh.order);
    expect(used.sorted).toEqual(fresh.sorted);
    expect(used.links.subarray(0, whole)).toEqual(fresh.links.subarray(0, whole));
  });
});
