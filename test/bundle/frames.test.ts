import { describe, expect, it } from 'vitest';
import { decodeFrames, encodeFrames, quantiseFrame } from '../../bundle/frames.ts';
import { Random } from '../../kernels/random.ts';

const random = new Random(4);
const draw = (n: number, reach: number) => Float32Array.from({ length: n }, () => reach * random.normal());

describe('the frames of a map', () => {
  const n = 500;
  const made = [1e-4, 3, 80].map((reach, f) => ({
    x: draw(n, 2 * reach),
    y: draw(n, reach),
    iteration: 25 * f,
  }));

  it('are read as they were written, within half a level of where the points were', async () => {
    const frames = made.map(({ x, y, iteration }) => quantiseFrame(x, y, iteration));
    const read = await decodeFrames(await encodeFrames(frames, n), n);
    expect(read.map(({ iteration }) => iteration)).toEqual([0, 25, 50]);
    for (const [f, { left, bottom, extent, places }] of read.entries()) {
      const { x, y } = made[f]!;
      expect(places).toEqual(frames[f]!.places);
      expect(extent).toBeCloseTo(Math.max(...x) - Math.min(...x), 3);
      for (let i = 0; i < n; i++) {
        const [px, py] = [places[i]!, places[n + i]!].map((level) => (extent * (level + 0.5)) / 256);
        expect(Math.abs(left + px! - x[i]!)).toBeLessThan((0.501 * extent) / 256);
        expect(Math.abs(bottom + py! - y[i]!)).toBeLessThan((0.501 * extent) / 256);
      }
    }
  });

  it('of points that hardly move take little space', async () => {
    const still = quantiseFrame(draw(5000, 1), draw(5000, 1), 0);
    const one = await encodeFrames([still], 5000);
    const many = await encodeFrames(Array<typeof still>(20).fill(still), 5000);
    expect(many.length).toBeLessThan(one.length + 2000);
  });

  it('of points in one place are in the middle', () => {
    const { extent, places } = quantiseFrame(new Float32Array(3).fill(7), new Float32Array(3).fill(-1), 5);
    expect(extent).toBe(0);
    expect([...places]).toEqual([128, 128, 128, 128, 128, 128]);
  });

  it('are refused if the file is damaged or of another map', async () => {
    const bytes = await encodeFrames(
      made.map(({ x, y, iteration }) => quantiseFrame(x, y, iteration)),
      n,
    );
    const faults: [Uint8Array, number, string][] = [
      [new Uint8Array(3), n, 'map-frames.bin does not start with OFMR'],
      [bytes.with(4, 9), n, 'map-frames.bin has version 9, expected 1'],
      [bytes, n + 1, 'map-frames.bin has 500 points, but the map has 501'],
      [bytes.subarray(0, bytes.length - 40), n, 'map-frames.bin is damaged: its frames are not whole'],
      [bytes.with(12, 4), n, 'map-frames.bin is damaged: its frames are not whole'],
      [bytes.subarray(0, 30), n, 'map-frames.bin is damaged: its frames are not whole'],
    ];
    for (const [given, points, message] of faults)
      await expect(decodeFrames(given, points)).rejects.toThrow(message);
  });
});
