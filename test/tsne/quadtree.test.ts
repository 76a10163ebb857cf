import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Quadtree, QuadtreeBuilder, STRIDE } from '../../tsne/quadtree.ts';
import { newTree, scatterPoints } from './points.ts';

/** Checks everything that a traversal relies on; returns the first node after the subtree of `node`. */
function checkSubtree(tree: Quadtree, node: number, first: number, end: number): number {
  const { sorted, mass, links } = tree;
  const [skip, from, to, leaf] = links.subarray(STRIDE * node, STRIDE * (node + 1));
  expect([from, to]).toEqual([first, end]);
  const xs = Array.from({ length: end - first }, (_, p) => sorted[2 * (first + p)]);
  const ys = Array.from({ length: end - first }, (_, p) => sorted[2 * (first + p) + 1]);
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const extent = (values: number[]) => Math.max(...values) - Math.min(...values);
  expect(mass[STRIDE * node]).toBeCloseTo(mean(xs), 9);
  expect(mass[STRIDE * node + 1]).toBeCloseTo(mean(ys), 9);
  expect(mass[STRIDE * node + 2]).toBe(end - first);
  expect(mass[STRIDE * node + 3]).toBeCloseTo(extent(xs) ** 2 + extent(ys) ** 2, 9);
  let child = node + 1;
  if (leaf === 0) {
    let place = first;
    while (place < end) {
      const childEnd = links[STRIDE * child + 2];
      expect(childEnd).toBeGreaterThan(place);
      child = checkSubtree(tree, child, place, childEnd);
      place = childEnd;
    }
    expect(place).toBe(end);
  }
  expect(skip).toBe(child);
  return child;
}

describe('the quadtree', () => {
  it('holds every point once, in subtrees with the right masses, whatever the points', () => {
    const coordinate = fc.oneof(
      fc.double({ min: -50, max: 50, noNaN: true }),
      fc.constantFrom(0, 1e-9, -3, 7),
    );
    const places = fc.array(fc.tuple(coordinate, coordinate), { minLength: 4, maxLength: 120 });
    fc.assert(
      fc.property(places, (pairs) => {
        const y = Float64Array.from(pairs.flat());
        const tree = newTree(pairs.length);
        new QuadtreeBuilder(tree).build(y);
        expect(Array.from(tree.order).sort((a, b) => a - b)).toEqual(Array.from(pairs.keys()));
        for (const [place, i] of tree.order.entries()) {
          expect(tree.sorted.subarray(2 * place, 2 * place + 2)).toEqual(y.subarray(2 * i, 2 * i + 2));
        }
        expect(checkSubtree(tree, 0, 0, pairs.length)).toBe(tree.size[0]);
        expect(tree.size[0]).toBeLessThanOrEqual(2 * pairs.length);
      }),
    );
  });

  it('is the same when built again after other points', () => {
    const [used, fresh] = [newTree(300), newTree(300)];
    const builder = new QuadtreeBuilder(used);
    builder.build(scatterPoints(300, 20, 1));
    builder.build(scatterPoints(300, 1e-4, 2));
    new QuadtreeBuilder(fresh).build(scatterPoints(300, 1e-4, 2));
    const whole = STRIDE * fresh.size[0];
    expect(used.size).toEqual(fresh.size);
    expect(used.order).toEqual(fresh.order);
    expect(used.mass.subarray(0, whole)).toEqual(fresh.mass.subarray(0, whole));
    expect(used.links.subarray(0, whole)).toEqual(fresh.links.subarray(0, whole));
  });
});
