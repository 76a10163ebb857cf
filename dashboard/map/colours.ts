import type { Theme } from '../common/theme.ts';
import type { CategoryColumn, Column, NumberColumn } from '../data/columns.ts';
import { farApart } from './palette.ts';
import type { Paint } from './renderer.ts';

/**
 * Ten colours that colour-blind readers can tell apart (OKLab distance under simulated protanopia, deuteranopia and
 * tritanopia), each with a contrast of at least 3:1 to the theme's background.
 */
const CATEGORIES: Record<Theme, string[]> = {
  light: [
    '#395bd8',
    '#b58400',
    '#a50004',
    '#0497b8',
    '#009064',
    '#b15804',
    '#672fa2',
    '#e0559a',
    '#724147',
    '#465c7c',
  ],
  dark: [
    '#74a0ff',
    '#ff9100',
    '#ea5548',
    '#62e2ff',
    '#1bcea4',
    '#e7dc61',
    '#a478e4',
    '#ffafd1',
    '#cfa771',
    '#8c9caf',
  ],
};

/** From unremarkable, near the background, to anomalous, far from it. */
const RAMPS: Record<Theme, string[]> = {
  light: ['#b9c8e6', '#8da2d8', '#8577c0', '#a5479a', '#b8225f', '#8a0f1f'],
  dark: ['#31436f', '#4f60b0', '#8b62c8', '#d45f9b', '#ff8d5c', '#ffe08a'],
};

const UNLABELLED: Record<Theme, string> = { light: '#64748b', dark: '#94a3b8' };

/** The grounds that points are drawn on, as `--surface` in the style sheet. */
const GROUNDS: Record<Theme, string> = { light: '#ffffff', dark: '#10151d' };

/** The colours of the categories of a column, in their order: as far apart as so many can be. */
export const paletteOf = (count: number, theme: Theme): string[] =>
  count <= 10 ? CATEGORIES[theme].slice(0, count) : farApart(count, CATEGORIES[theme], GROUNDS[theme]);

/** The colour of points without a value. */
export const missingColour = (theme: Theme): string => UNLABELLED[theme];

/** The colour ramp as a CSS gradient, over the values of a column from low to high. */
export const rampGradient = (
  theme: Theme,
  { anomalous }: { anomalous?: 'high' | 'low' | undefined },
): string => `linear-gradient(to ${anomalous === 'low' ? 'left' : 'right'}, ${RAMPS[theme].join(', ')})`;

/** What the colours depend on. */
export interface Look {
  /** The column that colours the points. */
  column: Column;
  theme: Theme;
  /** 1 for each point that the filters let through. */
  shown: Uint8Array;
  /** 1 for each point that stands out; the others that are shown are pale. */
  lit?: Uint8Array | undefined;
}

const ALPHA = 210;
const PALE = 60;
const STEPS = 256;

/**
 * Colours every point and puts them in the order of painting. Points that are filtered out are faint and come first,
 * then pale ones; among the others, rare categories and anomalous values come last, on top.
 */
export function paintPoints({ column, theme, shown, lit }: Look): Paint {
  const { colourOf, depthOf, depths } =
    column.kind === 'category' ? byCategory(column, theme) : byNumber(column, theme);
  const faint = theme === 'dark' ? 20 : 26;
  const missing = wordOf(bytesOf(UNLABELLED[theme]), faint);
  const colours = new Uint32Array(shown.length);
  const layers = new Uint16Array(shown.length);
  for (let i = 0; i < shown.length; i++) {
    if (!shown[i]) {
      colours[i] = missing;
      continue;
    }
    const pale = lit !== undefined && !lit[i];
    colours[i] = colourOf(i) | ((pale ? PALE : ALPHA) << 24);
    layers[i] = 1 + depthOf(i) + (pale ? 0 : depths);
  }
  return { colours: new Uint8Array(colours.buffer), order: orderBy(layers, 1 + 2 * depths) };
}

interface Shade {
  /** A point's colour as a little-endian word without alpha. */
  colourOf: (i: number) => number;
  /** How high a point lies: 0 to `depths` − 1. */
  depthOf: (i: number) => number;
  depths: number;
}

function byCategory({ categories, codes }: CategoryColumn, theme: Theme): Shade {
  const counts = new Uint32Array(categories.length + 1);
  for (let i = 0; i < codes.length; i++) counts[codes[i]! + 1]!++;
  const byCount = Array.from(counts.keys()).sort((a, b) => counts[b]! - counts[a]!);
  const depth = new Uint16Array(counts.length);
  // Points without a value lie below all others.
  for (const [at, slot] of byCount.entries()) depth[slot] = slot === 0 ? 0 : at + 1;
  const words = [UNLABELLED[theme], ...paletteOf(categories.length, theme)].map((hex) =>
    wordOf(bytesOf(hex)),
  );
  return {
    colourOf: (i) => words[codes[i]! + 1]!,
    depthOf: (i) => depth[codes[i]! + 1]!,
    depths: counts.length + 1,
  };
}

function byNumber(column: NumberColumn, theme: Theme): Shade {
  const ramp = rampBytes(RAMPS[theme]).map((bytes) => wordOf(bytes));
  const missing = wordOf(bytesOf(UNLABELLED[theme]));
  const steps = stepsOf(column);
  return {
    colourOf: (i) => (steps[i]! < 0 ? missing : ramp[steps[i]!]!),
    depthOf: (i) => steps[i]! + 1,
    depths: STEPS + 1,
  };
}

const keptSteps = new WeakMap<NumberColumn, Int16Array>();

/** Each point's step of the ramp, or -1 without a value. They are kept with the column, as filters come and go. */
function stepsOf(column: NumberColumn): Int16Array {
  const known = keptSteps.get(column);
  if (known) return known;
  const { values, scale, anomalous } = column;
  const found = Int16Array.from(values, (value) => {
    if (Number.isNaN(value)) return -1;
    const share = scale.toShare(value);
    return Math.round((anomalous === 'low' ? 1 - share : share) * (STEPS - 1));
  });
  keptSteps.set(column, found);
  return found;
}

/** The indices by layer, lowest first, and in their own order within a layer: a counting sort. */
function orderBy(layers: Uint16Array, count: number): Uint32Array {
  const next = new Uint32Array(count + 1);
  for (const layer of layers) next[layer + 1]!++;
  for (let layer = 0; layer < count; layer++) next[layer + 1]! += next[layer]!;
  const order = new Uint32Array(layers.length);
  for (let i = 0; i < layers.length; i++) order[next[layers[i]!]!++] = i;
  return order;
}

const wordOf = ([red, green, blue]: [number, number, number], alpha = 0): number =>
  red | (green << 8) | (blue << 16) | (alpha << 24);

const bytesOf = (hex: string): [number, number, number] =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];

/** The steps of a ramp, each as RGB bytes. */
function rampBytes(stops: string[]): [number, number, number][] {
  const bytes = stops.map(bytesOf);
  return Array.from({ length: STEPS }, (_, step) => {
    const at = (step / (STEPS - 1)) * (bytes.length - 1);
    const from = Math.min(Math.floor(at), bytes.length - 2);
    return bytes[from]!.map((value, channel) =>
      Math.round(value + (bytes[from + 1]![channel]! - value) * (at - from)),
    ) as [number, number, number];
  });
}

/** The heat map's colour for a share 0..1 of the largest value: black, through red and orange, to white. */
export function heatColour(share: number): [number, number, number] {
  const at = Math.min(Math.max(share, 0), 1);
  return [
    Math.round(255 * Math.min(1, 2.2 * at)),
    Math.round(255 * Math.min(1, Math.max(0, 2 * at - 0.45))),
    Math.round(255 * Math.min(1, Math.max(0, 3 * at - 2))),
  ];
}

/** The colours of a heat map as a CSS gradient over shares of the largest value, which it shows by their square roots. */
export const heatGradient = (): string =>
  `linear-gradient(90deg, ${[0, 0.1, 0.2, 0.4, 0.6, 0.8, 1].map((share) => `rgb(${heatColour(Math.sqrt(share)).join()}) ${100 * share}%`).join(', ')})`;

/**
 * A tile's RGBA bytes from row-major values: an image's brightness, 0..255, of 1 or 3 channels; or, for a heat map of
 * one channel, the square root of each value relative to the largest, which keeps small ones visible.
 */
export function tileColours(
  values: ArrayLike<number>,
  channels: number,
  kind: 'image' | 'heat',
): Uint8ClampedArray<ArrayBuffer> {
  const colours = new Uint8ClampedArray((4 * values.length) / channels);
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, values[i]!);
  for (let to = 0, from = 0; from < values.length; to += 4, from += channels) {
    const value = values[from]!;
    if (kind === 'heat') colours.set(heatColour(largest > 0 ? Math.sqrt(value / largest) : 0), to);
    else for (let k = 0; k < 3; k++) colours[to + k] = values[channels === 3 ? from + k : from]!;
    colours[to + 3] = 255;
  }
  return colours;
}
