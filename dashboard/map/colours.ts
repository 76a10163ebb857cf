import type { Scale } from '../common/scale.ts';
import type { Theme } from '../common/theme.ts';
import type { Points } from '../data/dataset.ts';
import type { Paint } from './renderer.ts';

export type ColourBy = 'label' | 'score' | 'pValue';

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

/** The colour of a class. There are ten; further classes repeat them. */
export const categoryColour = (label: number, theme: Theme): string =>
  label < 0 ? UNLABELLED[theme] : CATEGORIES[theme][label % 10]!;

/** The colour ramp as a CSS gradient. `reversed` is for values of which small ones are anomalous. */
export const rampGradient = (theme: Theme, reversed = false): string =>
  `linear-gradient(to ${reversed ? 'left' : 'right'}, ${RAMPS[theme].join(', ')})`;

interface Scored {
  points: Pick<Points, 'count' | 'label' | 'score' | 'pValue'>;
}

/** What the colours depend on. */
export interface Look {
  by: ColourBy;
  theme: Theme;
  /** 1 for each point that the filters let through. */
  shown: Uint8Array;
  score: Scale;
  pValue: Scale;
}

/**
 * Colours every point and puts them in the order of painting. Points that are filtered out are faint and come first;
 * by score or p-value the most anomalous come last, on top.
 */
export function paintPoints({ points }: Scored, { by, theme, shown, score, pValue }: Look): Paint {
  const colours = new Uint8Array(4 * points.count);
  const categories = CATEGORIES[theme].map(bytesOf);
  const unlabelled = bytesOf(UNLABELLED[theme]);
  const ramp = rampBytes(RAMPS[theme]);
  const alpha = by === 'label' ? 205 : 220;
  const faint = theme === 'dark' ? 20 : 26;
  for (let i = 0; i < points.count; i++) {
    const label = points.label[i]!;
    let colour = unlabelled;
    if (by === 'label') colour = label < 0 ? unlabelled : categories[label % 10]!;
    else {
      const share = by === 'score' ? score.toShare(points.score[i]!) : 1 - pValue.toShare(points.pValue[i]!);
      colour = ramp[Math.round(share * (ramp.length - 1))]!;
    }
    colours.set(shown[i] ? colour : unlabelled, 4 * i);
    colours[4 * i + 3] = shown[i] ? alpha : faint;
  }
  const order = Uint32Array.from({ length: points.count }, (_, i) => i);
  const depth = by === 'label' ? undefined : points.score;
  order.sort((a, b) => shown[a]! - shown[b]! || (depth ? depth[a]! - depth[b]! : 0));
  return { colours, order };
}

const bytesOf = (hex: string): [number, number, number] =>
  [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];

/** 256 steps of a ramp, each as RGB bytes. */
function rampBytes(stops: string[]): [number, number, number][] {
  const bytes = stops.map(bytesOf);
  return Array.from({ length: 256 }, (_, step) => {
    const at = (step / 255) * (bytes.length - 1);
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
