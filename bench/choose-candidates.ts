import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../bundle/node/atomic.ts';
import { DETECTORS } from '../training/detectors/registry.ts';
import type { Matrix } from '../training/runtime/rows.ts';
import { type Member, memberName } from '../training/scorer/ensemble.ts';
import { CONTAMINATION } from '../training/scorer/members.ts';
import type { View } from '../training/scorer/views.ts';
import type { Labelled } from './table-path.ts';
import { scoreTable, splitByClass } from './tables.ts';

/** Surprises that are already known, by the sources that they depend on; delete it to measure all again. */
export const CACHE = join(tmpdir(), 'offmanifold-choose');

/** A member, and the share of the rows that is set aside before it is fitted. */
interface Candidate {
  /** The detector and the share: `mixture@0.3`. */
  readonly name: string;
  readonly contamination: number;
  readonly member: Member;
}

const of = (detector: string, view: View, contamination: number): Candidate => ({
  name: `${detector}@${contamination}`,
  contamination,
  member: { detector: DETECTORS[detector]!, view },
});

const SET_ASIDE = CONTAMINATION.table;

/** What a default may be made of. */
export const CANDIDATES: readonly Candidate[] = [
  of('knn', 'input', SET_ASIDE),
  of('knn_5_percent', 'input', 0),
  of('mixture', 'projection', SET_ASIDE),
  of('isolation_forest', 'input', 0),
  of('isolation_forest', 'input', SET_ASIDE),
  of('robust_covariance', 'projection', 0),
  of('ecod', 'input', 0),
  of('hbos', 'input', 0),
  of('lof', 'projection', SET_ASIDE),
  of('pca_minor', 'projection', SET_ASIDE),
  of('one_class_svm', 'projection', SET_ASIDE),
];

/** The test rows of one split of a table: their labels, and the surprise of every candidate. */
export interface Run {
  readonly labels: Uint8Array;
  readonly surprises: ReadonlyMap<string, Float32Array>;
}

/** Splits a table, fits candidates and scores the test rows; what is in {@link CACHE} is read from there. */
export async function runCandidates(
  name: string,
  set: Labelled,
  seed: number,
  candidates = CANDIDATES,
): Promise<Run> {
  const { train, test } = splitByClass(set, seed);
  const folder = join(CACHE, fingerprint(train), `${name}-${seed}`);
  await mkdir(folder, { recursive: true });
  const fileOf = ({ member, contamination }: Candidate) =>
    join(folder, `${memberName(member).replace(':', '-')}-${contamination}.f32`);
  const missing = candidates.filter((candidate) => !existsSync(fileOf(candidate)));
  for (const [contamination, own] of Map.groupBy(missing, (candidate) => candidate.contamination)) {
    const members = own.map(({ member }) => member);
    const { each } = await scoreTable(train, test, members, { seed, contamination });
    for (const [j, candidate] of own.entries()) {
      await writeFileAtomic(fileOf(candidate), new Uint8Array(each[j].buffer));
    }
  }
  const surprises = new Map<string, Float32Array>();
  for (const candidate of candidates) {
    const bytes = await readFile(fileOf(candidate));
    surprises.set(candidate.name, new Float32Array(new Uint8Array(bytes).buffer));
  }
  return { labels: test.labels, surprises };
}

/** Changes with the code and the rows that surprises depend on. */
function fingerprint({ values }: Matrix): string {
  const hash = createHash('sha256');
  for (const folder of ['detectors', 'linear', 'scorer']) {
    const root = new URL(`../training/${folder}/`, import.meta.url);
    for (const name of readdirSync(root).sort()) hash.update(readFileSync(new URL(name, root)));
  }
  return hash.update(new Uint8Array(values.buffer)).digest('hex').slice(0, 16);
}
