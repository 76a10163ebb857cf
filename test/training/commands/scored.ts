import { readFile } from 'node:fs/promises';
import { type ScoreFlags, score } from '../../../training/commands/score.ts';

export const FLAGS = { significance: 0.05, explain: 0 } as const;

/** Scores a file into `out`, and returns what was written. */
export async function scored(path: string, model: string, out: string, flags: Partial<ScoreFlags> = {}) {
  const summary = await score(path, model, { ...FLAGS, out, ...flags });
  return { summary, text: await readFile(out, 'utf8') };
}

/** The fields of a CSV without quotes, by line. */
export const cells = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));
