import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect } from 'vitest';
import { Random } from '../../../kernels/random.ts';
import { score } from '../../../training/commands/score.ts';
import { openSource } from '../../../training/data/source.ts';
import { runPipeline } from '../../../training/pipeline/run.ts';
import { lines, written } from '../data/tables/tables.ts';
import { test } from '../data/temporary.ts';

const CONFIGURATION = { epochs: 2, map_points: 20, iterations: 250, perplexity: 3 };

interface Odd {
  readonly header: string;
  readonly rows: number;
  /** The cells of a row. */
  readonly draw: (random: Random, i: number) => readonly (number | string)[];
  /** A row that is unlike all others. */
  readonly far: string;
}

/** A normal number, rounded as files have it. */
const draw = (random: Random) => Number(random.normal().toFixed(4));

/** Tables that leave a detector of the default no room: subsets in a plane or a point, distances of 0. */
const TABLES: Record<string, Odd> = {
  'seven in ten rows are equal': {
    header: 'a,b,c',
    rows: 300,
    draw: (random, i) => (i % 10 < 7 ? [1, 2, 3] : [draw(random), draw(random), draw(random)]),
    far: '40,-40,40',
  },
  'all rows but some lie in a plane': {
    header: 'a,b,c',
    rows: 300,
    draw(random, i) {
      const [x, y] = [draw(random), draw(random)];
      return [x, y, i % 50 === 0 ? x - y : x + y];
    },
    far: '1,1,-9',
  },
  'a column is constant but for a few rows': {
    header: 'a,b',
    rows: 300,
    draw: (random, i) => [draw(random), i % 60 === 0 ? draw(random) : 5],
    far: '0,-300',
  },
  'a column has three values': {
    header: 'a,level',
    rows: 300,
    draw: (random, i) => [draw(random), [0.25, 0.5, 0.75][i % 20 === 0 ? 1 + (i % 3 === 0 ? 1 : 0) : 0]],
    far: '30,0.75',
  },
  'one category dominates': {
    header: 'a,kind',
    rows: 300,
    draw: (random, i) => [draw(random), i % 50 === 0 ? `rare${i % 3}` : 'usual'],
    far: '30,usual',
  },
  'there is nothing but one dominant category': {
    header: 'kind,other',
    rows: 300,
    draw: (_, i) => [i % 50 === 0 ? 'rare' : 'usual', i % 60 === 0 ? 'x' : 'y'],
    far: 'rare,x',
  },
  'there are more columns than rows': {
    header: Array.from({ length: 90 }, (_, j) => `x${j}`).join(),
    rows: 60,
    draw: (random) => Array.from({ length: 90 }, () => draw(random)),
    far: Array.from({ length: 90 }, () => 30).join(),
  },
};

describe('the default detectors give every row a finite score, and the largest to one unlike all others, if', () => {
  for (const [name, { header, rows, draw: drawRow, far }] of Object.entries(TABLES)) {
    test(name, async ({ folder }) => {
      const random = new Random(1);
      const row = Array.from({ length: rows }, (_, i) => drawRow(random, i).join());
      const table = await written(
        folder,
        'table.csv',
        lines(header, rows, (i) => row[i]),
      );
      const more = await written(
        folder,
        'more.csv',
        lines(header, rows + 1, (i) => row[i] ?? far),
      );
      const [model, out] = [join(folder, 'model'), join(folder, 'scores.csv')];
      await runPipeline(() => openSource(table, CONFIGURATION), CONFIGURATION, { out: model });
      await score(more, model, { significance: 0.2, explain: 1, detectors: true, out });
      const [, ...scored] = (await readFile(out, 'utf8')).trimEnd().split('\n');
      const scores = scored.map((line) => Number(line.split(',')[0]));
      expect(scores).toHaveLength(rows + 1);
      expect(scores.every(Number.isFinite)).toBe(true);
      expect(scored.join()).not.toContain('NaN');
      expect(scores.at(-1)).toBe(Math.max(...scores));
    });
  }
});
