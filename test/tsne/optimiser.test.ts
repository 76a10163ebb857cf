import { describe, expect, it } from 'vitest';
import { descend } from '../../tsne/optimiser.ts';

const coordinates = (overrides: Record<string, number[]>) => {
  const zeros = { y: [0, 0], velocity: [0, 0], gain: [1, 1], attraction: [0, 0], repulsion: [0, 0] };
  const { y, velocity, gain, attraction, repulsion } = { ...zeros, ...overrides };
  return {
    y: Float32Array.from(y),
    velocity: Float64Array.from(velocity),
    gain: Float64Array.from(gain),
    attraction: Float32Array.from(attraction),
    repulsion: Float32Array.from(repulsion),
  };
};

describe('a step of gradient descent', () => {
  it('goes against exaggeration × F_attr − F_rep / Z, with momentum', () => {
    const c = coordinates({ y: [1, 2], velocity: [-3, 3], attraction: [0.5, -0.25], repulsion: [4, -4] });
    descend(c, 0, 2, 2, 12, 0.5, 10);
    // Gradients 12 × 0.5 − 4 / 2 = 4 and −1, both the way the points move: gains 1.2.
    expect(Array.from(c.gain)).toEqual([1.2, 1.2]);
    expect(c.velocity[0]).toBeCloseTo(0.5 * -3 - 10 * 1.2 * 4, 12);
    expect(c.velocity[1]).toBeCloseTo(0.5 * 3 + 10 * 1.2 * 1, 12);
    expect(c.y[0]).toBeCloseTo(1 + c.velocity[0], 5);
    expect(c.y[1]).toBeCloseTo(2 + c.velocity[1], 5);
  });

  it('shrinks the gain to 80 % where the gradient turns against the motion, to no less than 0.01', () => {
    const c = coordinates({ velocity: [1, -1], gain: [2, 0.0101], attraction: [1, -1] });
    descend(c, 0, 2, 1, 1, 0.8, 1);
    expect(c.gain[0]).toBeCloseTo(1.6, 12);
    expect(c.gain[1]).toBe(0.01);
  });

  it('moves the coordinates of its block only', () => {
    const c = coordinates({
      y: [0, 0, 0, 0],
      velocity: [0, 0, 0, 0],
      gain: [1, 1, 1, 1],
      attraction: [1, 1, 1, 1],
      repulsion: [0, 0, 0, 0],
    });
    descend(c, 2, 4, 1, 1, 0.5, 1);
    expect(Array.from(c.y.subarray(0, 2))).toEqual([0, 0]);
    expect(c.y[2]).toBeLessThan(0);
    expect(c.y[3]).toBeLessThan(0);
  });
});
