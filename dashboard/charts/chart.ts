import type { PlotOptions } from '@observablehq/plot';

/** An entry of the legend. `colour` is a CSS colour, usually a custom property. */
export interface Series {
  name: string;
  colour: string;
}

/** A chart as plain data: its title, what it means, how to draw it, and its numbers as a table. */
export interface Chart {
  title: string;
  explanation: string;
  /** What it shows, in words, for screen readers. */
  alternative: string;
  series: Series[];
  options: (width: number) => PlotOptions;
  table: { columns: string[]; rows: (string | number)[][] };
}

/** The room around what a chart draws, in pixels: for axes and their names. */
export const MARGIN = { left: 56, right: 16, top: 24, bottom: 40 } as const;

/** The options that all charts share. */
export const frame = (width: number): PlotOptions => ({
  width,
  height: Math.round(Math.min(300, Math.max(230, 0.6 * width))),
  marginLeft: MARGIN.left,
  marginBottom: MARGIN.bottom,
  marginRight: MARGIN.right,
  marginTop: MARGIN.top,
  style: { background: 'transparent', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
});

/** An axis of shares, in percent. */
export const shareAxis = (label: string) =>
  ({
    label,
    grid: true,
    percent: true,
    nice: true,
    tickFormat: (value: number) => `${value}%`,
    ticks: 5,
  }) as const;

/** A logarithmic axis of scores or other amounts, in a chart of this width. */
export const amountAxis = (label: string, width: number) =>
  ({ label, type: 'log', tickFormat: '~g', ticks: width < 480 ? 4 : 8 }) as const;

/** The numbers between two bounds that are one of `digits` times a power of ten: ticks of a logarithmic axis. */
export function logTicks(low: number, high: number, digits: number[]): number[] {
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.log10(high); exponent++) {
    for (const digit of digits) ticks.push(Number(`${digit}e${exponent}`));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}
