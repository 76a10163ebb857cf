import { describe, expect, it } from 'vitest';
import { quantiseFrame } from '../../../bundle/frames.ts';
import { Replay } from '../../../dashboard/data/replay.ts';
import { Random } from '../../../kernels/random.ts';

const n = 300;
const random = new Random(6);
const draw = (reach: number) => Float32Array.from({ length: n }, () => reach * random.normal());

describe('a replay', () => {
  const map = { x: draw(40), y: draw(20) };
  const first = { x: draw(0.002), y: draw(0.003) };
  const frames = [
    quantiseFrame(first.x, first.y, 0),
    // The map itself, ten times smaller and elsewhere.
    quantiseFrame(
      map.x.map((value) => value / 10 + 3),
      map.y.map((value) => value / 10 - 5),
      50,
    ),
  ];
  const replay = new Replay(frames, map, 100);

  it('ends at the map as it is', () => {
    expect(replay.end).toBe(2);
    expect(replay.placesAt(2)).toBe(map);
    expect(replay.placesAt(7)).toBe(map);
  });

  it('shows frames as large as the map, whatever their extent', () => {
    const { x, y } = replay.placesAt(1);
    const step = (Math.max(...map.x) - Math.min(...map.x)) / 256;
    for (let i = 0; i < n; i++) {
      expect(Math.abs(x[i]! - map.x[i]!)).toBeLessThan(1.5 * step);
      expect(Math.abs(y[i]! - map.y[i]!)).toBeLessThan(1.5 * step);
    }
    const start = replay.placesAt(0);
    const reach = Math.max(...start.x) - Math.min(...start.x);
    const tall = Math.max(...start.y) - Math.min(...start.y);
    expect(Math.max(reach, tall)).toBeCloseTo(256 * step, -1);
  });

  it('moves points on straight lines between frames', () => {
    const [from, to] = [0, 1].map((time) => replay.placesAt(time).x.slice());
    const middle = replay.placesAt(0.25).x;
    for (let i = 0; i < n; i++) expect(middle[i]).toBeCloseTo(0.75 * from![i]! + 0.25 * to![i]!, 3);
  });

  it('knows the iteration at a time', () => {
    expect([0, 0.5, 1, 1.5, 2, 3].map((time) => replay.iterationAt(time))).toEqual([0, 25, 50, 75, 100, 100]);
  });

  it('advances smoothly, or step by step, and stops at the end', () => {
    expect(replay.advance(0, 4500, false)).toBeCloseTo(1);
    expect(replay.advance(1.9, 4500, false)).toBe(2);
    expect(replay.advance(0, 499, true)).toBe(0);
    expect(replay.advance(0, 501, true)).toBe(1);
    expect(replay.advance(1, 9000, true)).toBe(2);
  });

  it('of points in one place is finite', () => {
    const still = { x: new Float32Array(4).fill(2), y: new Float32Array(4).fill(3) };
    const { x, y } = new Replay([quantiseFrame(still.x, still.y, 0)], still, 10).placesAt(0.5);
    expect([...x, ...y]).toEqual([2, 2, 2, 2, 3, 3, 3, 3]);
  });
});
