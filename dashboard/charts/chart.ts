import type { PlotOptions } from '@observablehq/plot';

/** A line, bar or dot series as the legend names it. `colour` is a CSS colour, best a custom property. */
export interface Series {
  name: string;
  colour: string;
}

/** A chart as plain data: what it is called, what it means, how it is drawn, and its numbers as a table. */
export interface Chart {
  title: string;
  explanation: string;
  /** What it shows, in a sentence, for who cannot see it. */
  alternative: string;
  series: Series[];
  options: (width: number) => PlotOptions;
  table: { columns: string[]; rows: (string | number)[][] };
}

/** What all charts share. */
export const frame = (width: number): PlotOptions => ({
  width,
  height: Math.round(Math.min(300, Math.max(230, 0.6 * width))),
  marginLeft: 56,
  marginBottom: 40,
  marginRight: 16,
  marginTop: 24,
  style: { background: 'transparent', fontFamily: 'inherit', fontSize: '12px', overflow: 'visible' },
});

/** Round numbers between two bounds, for the ticks of a logarithmic axis. */
export function logTicks(low: number, high: number, digits: number[]): number[] {
  const ticks: number[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.log10(high); exponent++) {
    for (const digit of digits) ticks.push(Number(`${digit}e${exponent}`));
  }
  return ticks.filter((tick) => tick >= low && tick <= high);
}
