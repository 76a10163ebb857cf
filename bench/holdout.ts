import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureTablePeers } from './detector-peers.ts';
import type { Bench } from './harness.ts';
import { runScript } from './peers/program.ts';
import { measureTables } from './tables.ts';

/** Seconds that R may take to write the tables. */
const LIMIT_S = 120;

/** How well the defaults do on tables that they were not chosen on, next to scikit-learn's detectors. */
export const bench: Bench = {
  title: 'detection: AUROC on tables that no default was chosen on',
  targets: {},
  async run(log) {
    const folder = await mkdtemp(join(tmpdir(), 'offmanifold-holdout-'));
    try {
      if (!(await writeTables(folder, log))) return {};
      const { matrix, path } = await measureTables(folder, log);
      return {
        holdout_auroc: matrix,
        holdout_csv_auroc: path,
        ...(await measureTablePeers('holdout', folder, log)),
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

/** Lets R write the tables; false if R or a package is not installed. */
async function writeTables(folder: string, log: (line: string) => void): Promise<boolean> {
  try {
    const versions = await runScript<Record<string, string>>('Rscript', ['holdout.R', folder], LIMIT_S);
    log(`tables from the R packages ${Object.entries(versions).flat().join(' ')}`);
    return true;
  } catch (error) {
    log(
      `holdout_auroc: not measured: ${(error as Error).message}; the tables come from Debian's r-cran-mlbench r-cran-kernlab r-cran-dslabs`,
    );
    return false;
  }
}
