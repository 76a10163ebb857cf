import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { logScale } from '../../../dashboard/common/scale.ts';
import type { CategoryColumn, NumberColumn } from '../../../dashboard/data/columns.ts';
import {
  heatColour,
  missingColour,
  paintPoints,
  paletteOf,
  rampGradient,
  tileColours,
} from '../../../dashboard/map/colours.ts';

type Rgb = [number, number, number];

const THEMES = ['light', 'dark'] as const;
const rgbOf = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;

/** sRGB, 0..255, to linear light (IEC 61966-2-1). */
const linear = (rgb: Rgb): Rgb =>
  rgb.map((byte) => (byte <= 10.31475 ? byte / 3294.6 : ((byte / 255 + 0.055) / 1.055) ** 2.4)) as Rgb;

const luminance = (rgb: Rgb) => {
  const [r, g, b] = linear(rgb);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

/** The contrast ratio of WCAG 2. */
const contrast = (a: Rgb, b: Rgb) => {
  const [low, high] = [luminance(a), luminance(b)].toSorted((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
};

const times = (matrix: readonly Rgb[], [a, b, c]: Rgb): Rgb =>
  matrix.map(([x, y, z]) => x * a + y * b + z * c) as Rgb;

/** Linear sRGB to OKLab (Ottosson 2020). */
function oklab(rgb: Rgb): Rgb {
  const cones = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb,
  ).map((value) => Math.cbrt(Math.max(value, 0))) as Rgb;
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    cones,
  );
}

/** How linear sRGB looks without one kind of cone (Machado, Oliveira and Fernandes 2009, severity 1). */
const VISION: Record<string, readonly Rgb[]> = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** The map's background, from the style sheet. */
async function grounds(): Promise<Record<(typeof THEMES)[number], Rgb>> {
  const css = await readFile(new URL('../../../dashboard/app.css', import.meta.url), 'utf8');
  const [, light, dark] = /--surface: light-dark\((#\w{6}), (#\w{6})\)/.exec(css)!;
  return { light: rgbOf(light!), dark: rgbOf(dark!) };
}

test('every category has a contrast of at least 3:1 to the background, and so have points without one', async () => {
  const ground = await grounds();
  for (const theme of THEMES) {
    for (const hex of [missingColour(theme), ...paletteOf(10, theme), ...paletteOf(40, theme)]) {
      expect(contrast(rgbOf(hex), ground[theme]), `${theme} ${hex}`).toBeGreaterThanOrEqual(2.99);
    }
  }
});

const closest = (colours: string[], matrix: readonly Rgb[]) => {
  const seen = colours.map((hex) => oklab(times(matrix, linear(rgbOf(hex)))));
  return Math.min(
    ...seen.flatMap((one, a) =>
      seen.slice(a + 1).map((other) => Math.hypot(...one.map((value, i) => value - other[i]!))),
    ),
  );
};

test('any two of the ten categories are apart, also for colour-blind readers', () => {
  for (const theme of THEMES) {
    for (const [vision, matrix] of Object.entries(VISION)) {
      expect(closest(paletteOf(10, theme), matrix), `${theme}, ${vision}`).toBeGreaterThan(0.05);
    }
  }
});

test('more than ten categories have colours of their own, and the first ten keep theirs', () => {
  for (const theme of THEMES) {
    expect(paletteOf(30, theme).slice(0, 10)).toEqual(paletteOf(10, theme));
    expect(paletteOf(3, theme)).toEqual(paletteOf(10, theme).slice(0, 3));
    expect(closest(paletteOf(30, theme), VISION.full!)).toBeGreaterThan(0.06);
    expect(new Set(paletteOf(100, theme)).size).toBe(100);
  }
});

const powers = (base: number) => Float64Array.from({ length: 7 }, (_, i) => base ** i);
const numbers = (values: Float64Array, anomalous: 'high' | 'low'): NumberColumn => ({
  key: anomalous,
  name: anomalous,
  kind: 'number',
  values,
  scale: logScale(values),
  anomalous,
});
const score = numbers(powers(10), 'high');
const pValue = numbers(powers(0.1), 'low');
const kinds: CategoryColumn = {
  key: 'class',
  name: 'Class',
  kind: 'category',
  categories: ['a', 'b', 'c'],
  codes: [0, 1, 2, 0, 1, 0, -1],
  missing: 'none',
};
const all = new Uint8Array(7).fill(1);
const paint = (
  column: CategoryColumn | NumberColumn,
  shown = all,
  theme: (typeof THEMES)[number] = 'light',
) => paintPoints({ column, theme, shown });
const colourOf = ({ colours }: { colours: Uint8Array }, i: number) =>
  [...colours.subarray(4 * i, 4 * i + 3)] as Rgb;
const alphaOf = ({ colours }: { colours: Uint8Array }, i: number) => colours[4 * i + 3]!;

test('the more anomalous a point, the further its colour is from the background', async () => {
  const ground = await grounds();
  for (const theme of THEMES) {
    for (const column of [score, pValue]) {
      const painted = paint(column, all, theme);
      const ratios = Array.from({ length: 7 }, (_, i) => contrast(colourOf(painted, i), ground[theme]));
      expect(ratios, `${theme} ${column.name}`).toEqual(ratios.toSorted((a, b) => a - b));
      expect(ratios.at(-1)! / ratios[0]!).toBeGreaterThan(3);
    }
  }
});

test('score and p-value give the same colours where they rank alike', () => {
  const [byScore, byPValue] = [paint(score), paint(pValue)];
  for (const [i, byte] of byScore.colours.entries()) {
    expect(Math.abs(byte - byPValue.colours[i]!)).toBeLessThanOrEqual(1);
  }
  expect(byScore.order).toEqual(byPValue.order);
});

test('the ends of the ramp are the colours of the extreme points, in the order of the legend', () => {
  const stops = [...rampGradient('dark', score).matchAll(/#\w{6}/g)].map(([hex]) => rgbOf(hex));
  const painted = paint(score, all, 'dark');
  expect(colourOf(painted, 0)).toEqual(stops[0]);
  expect(colourOf(painted, 6)).toEqual(stops.at(-1));
  expect(rampGradient('dark', score)).toContain('to right');
  expect(rampGradient('dark', pValue)).toContain('to left');
});

test('by category, points have the colours of the legend, and rare categories are on top', () => {
  const painted = paint(kinds);
  const palette = paletteOf(3, 'light');
  for (let i = 0; i < 6; i++) expect(colourOf(painted, i)).toEqual(rgbOf(palette[kinds.codes[i]!]!));
  expect(colourOf(painted, 6)).toEqual(rgbOf(missingColour('light')));
  expect([...painted.order]).toEqual([6, 0, 3, 5, 1, 4, 2]);
});

test('every point is painted once: hidden ones first and faint, the most anomalous last', () => {
  const shown = Uint8Array.of(1, 0, 1, 1, 1, 0, 1);
  const painted = paint(score, shown);
  expect([...painted.order]).toEqual([1, 5, 0, 2, 3, 4, 6]);
  const faintest = Math.min(...[0, 2, 3, 4, 6].map((i) => alphaOf(painted, i)));
  for (const i of [1, 5]) expect(alphaOf(painted, i)).toBeLessThan(faintest / 4);
  expect([...paint(kinds, shown).order].slice(0, 2)).toEqual([1, 5]);
});

test('points that do not stand out are pale, and under those that do', () => {
  const lit = Uint8Array.of(0, 1, 0, 0, 0, 0, 1);
  const painted = paintPoints({ column: score, theme: 'light', shown: all, lit });
  expect([...painted.order]).toEqual([0, 2, 3, 4, 5, 1, 6]);
  expect(alphaOf(painted, 0)).toBeLessThan(alphaOf(painted, 1) / 2);
  expect(alphaOf(painted, 1)).toBe(alphaOf(paint(score), 1));
});

test('a missing number has no colour of the ramp, and lies below all others', () => {
  const gaps = { ...score, values: Float64Array.of(1, 10, Number.NaN, 100) };
  const painted = paintPoints({ column: gaps, theme: 'dark', shown: new Uint8Array(4).fill(1) });
  expect(colourOf(painted, 2)).toEqual(rgbOf(missingColour('dark')));
  expect([...painted.order]).toEqual([2, 0, 1, 3]);
});

test('the heat map goes from black to white and gets lighter all the way', () => {
  expect(heatColour(0)).toEqual([0, 0, 0]);
  expect(heatColour(1)).toEqual([255, 255, 255]);
  const lights = Array.from({ length: 101 }, (_, i) => luminance(heatColour(i / 100)));
  expect(lights).toEqual(lights.toSorted((a, b) => a - b));
  expect([heatColour(-1), heatColour(2)]).toEqual([heatColour(0), heatColour(1)]);
});

test('a grey tile has its brightness in all three channels, a coloured one each in its own', () => {
  expect([...tileColours([0, 128], 1, 'image')]).toEqual([0, 0, 0, 255, 128, 128, 128, 255]);
  expect([...tileColours([1, 2, 3, 4, 5, 6], 3, 'image')]).toEqual([1, 2, 3, 255, 4, 5, 6, 255]);
  expect([...tileColours([-20, 300.4, 1.5], 3, 'image')]).toEqual([0, 255, 2, 255]);
});

test('the largest value of a heat map is white, whatever its unit, and an empty one is black', () => {
  const colours = tileColours([0, 0.001, 0.004], 1, 'heat');
  expect([...colours.subarray(8)]).toEqual([255, 255, 255, 255]);
  expect([...colours.subarray(4, 7)]).toEqual(heatColour(0.5));
  expect([...tileColours([0, 0], 1, 'heat')]).toEqual([0, 0, 0, 255, 0, 0, 0, 255]);
});
