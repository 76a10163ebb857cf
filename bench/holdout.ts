import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureTablePeers } from './detector-peers.ts';
import type { Bench } from './harness.ts';
import { answerOf } from './peers/program.ts';
import { meanOfTables } from './tables.ts';

/** Seconds that R has to write the tables. */
const LIMIT_S = 120;

/** What the defaults are worth on tables that they were not chosen by, and what scikit-learn's detectors are. */
export const bench: Bench = {
  title: 'detection: AUROC on tables that no default was chosen by',
  targets: {},
  async run(log) {
    const folder = await mkdtemp(join(tmpdir(), 'offmanifold-holdout-'));
    try {
      if (!(await written(folder, log))) return {};
      return {
        holdout_auroc: await meanOfTables(folder, log),
        ...(await measureTablePeers('holdout', folder, log)),
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** Whether R has written the tables: it may not be there. */
async function written(folder: string, log: (line: string) => void): Promise<boolean> {
  try {
    const versions = await answerOf<Record<string, string>>('Rscript', ['holdout.R', folder], LIMIT_S);
    log(`tables of R's packages ${Object.entries(versions).flat().join(' ')}`);
    return true;
  } catch (error) {
    log(
      `holdout_auroc: not measured: ${(error as Error).message}; the tables are of Debian's r-cran-mlbench r-cran-kernlab r-cran-dslabs`,
    );
    return false;
  }
}
