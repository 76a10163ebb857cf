import { fillByGroups, type Lanes } from './uniform.ts';

/**
 * Turns two words of 32 bits into two standard normal numbers (Box & Muller 1958): the radius is √(−2 ln u), and the
 * second word is the angle, as a fraction of a turn. The upper 31 bits k of the first word give u = (k + 1) / 2³¹, as a
 * float: from 2⁻³¹, so that no number exceeds 6.56, to 1.
 */
export function boxMuller(radiusBits: number, angleBits: number): [number, number] {
  const u = Math.fround(Math.fround(radiusBits >>> 1) + 1) / 2 ** 31;
  const radius = Math.sqrt(-2 * Math.log(u));
  const angle = (2 * Math.PI * angleBits) / 2 ** 32;
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}

/**
 * Standard normal numbers: the reference for the kernel, which approximates it within 1e-6 by polynomials and gives the
 * same bytes on every machine.
 */
export function normal(target: Float32Array, lanes: Lanes): void {
  fillByGroups(target, () => {
    const bits = lanes.bits();
    const pairs = [0, 1, 2, 3].map((i) => boxMuller(bits[i], bits[4 + i]));
    return [...pairs.map(([x]) => x), ...pairs.map(([, y]) => y)];
  });
}
