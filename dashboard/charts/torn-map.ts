import * as Plot from '@observablehq/plot';
import type { Studies } from '../../bundle/studies.ts';
import { formatCount, formatPercent } from '../common/format.ts';
import { type Chart, frame } from './chart.ts';

type Torn = NonNullable<Studies['map']['torn']>;

const [TORN, BETWEEN, OTHERS] = ['var(--series-2)', 'var(--series-1)', 'var(--line-strong)'];

/** The worst torn map beside one of the same digits that mends it, or at least tears fewer of them. */
export function tornMapChart(
  { points, label, share, between, labels, maps }: Torn,
  classes: string[],
): Chart {
  const name = classes[label]!;
  const intruder = between === null ? undefined : classes[between];
  const mended = !maps[1]!.torn.includes(label);
  const names = ['torn', mended ? 'mended' : 'less torn'] as const;
  const sides = maps.map((map, side) => ({ ...map, title: `${names[side]}, start: ${map.start}` }));
  const colourOf = (digit: number) => (digit === label ? TORN : digit === between ? BETWEEN : OTHERS);
  const rankOf = (digit: number) => (digit === label ? 2 : digit === between ? 1 : 0);
  // The digits in question are drawn over the others.
  const order = labels.map((_, i) => i).sort((a, b) => rankOf(labels[a]!) - rankOf(labels[b]!));
  const dots = sides.flatMap(({ title, x, y }) =>
    order.map((i) => ({ title, x: x[i]!, y: y[i]!, colour: colourOf(labels[i]!) })),
  );
  const torn = `the ${name}s are torn${intruder === undefined ? '' : ` by the ${intruder}s`}`;
  return {
    title: mended ? 'A torn map, and a mended one' : 'A torn map, and one that is less torn',
    explanation: `The worst torn map of the study: of ${formatCount(points)} digits, ${torn}; ${formatPercent(share)} of them lie apart from the others. From another start, the same digits get a map ${mended ? 'that mends this' : 'on which fewer do'}. The first is a local minimum: moving the pieces together would first make the map worse.`,
    alternative: `Two maps of the same digits. On the first, from the start ${sides[0]!.start}, ${torn}. On the second, from the start ${sides[1]!.start}, ${mended ? 'they are together' : 'fewer of them lie apart'}.`,
    series: [
      { name, colour: TORN },
      ...(intruder === undefined ? [] : [{ name: intruder, colour: BETWEEN }]),
      { name: 'other digits', colour: OTHERS },
    ],
    options: (width) => {
      const stacked = width < 520;
      const titles = sides.map(({ title }) => title);
      const side = stacked ? width : width / 2;
      return {
        ...frame(width),
        height: Math.round(Math.max(230, stacked ? 2 * side : side)),
        marginLeft: 8,
        marginRight: 8,
        marginBottom: 8,
        x: { axis: null, domain: [0, 1000] },
        y: { axis: null, domain: [0, 1000] },
        fx: { label: null, domain: stacked ? undefined : titles, axis: stacked ? null : 'top' },
        fy: { label: null, domain: stacked ? titles : undefined, axis: null },
        marks: [
          Plot.frame({ stroke: 'var(--line)' }),
          Plot.dot(dots, {
            x: 'x',
            y: 'y',
            [stacked ? 'fy' : 'fx']: 'title',
            fill: 'colour',
            r: stacked ? 1 : 1.3,
          }),
          ...(stacked
            ? [
                Plot.text(titles, {
                  fy: (title: string) => title,
                  text: (title: string) => title,
                  frameAnchor: 'top-left',
                  dx: 6,
                  dy: 6,
                  fill: 'currentColor',
                  stroke: 'var(--surface)',
                  strokeWidth: 4,
                }),
              ]
            : []),
        ],
      };
    },
    table: {
      columns: ['Map', 'Start', 'Torn digits'],
      rows: sides.map(({ start, torn: found }, side) => [
        names[side]!,
        start,
        found.map((digit) => classes[digit]!).join(', ') || 'none',
      ]),
    },
  };
}
