import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_DETECTORS } from '../bundle/default-detectors.ts';
import { FUSIONS, type Fusion } from '../bundle/fusion.ts';
import { DETECTORS } from '../training/detectors/registry.ts';
import { mean } from '../training/evaluate/metrics.ts';
import { CONTAMINATION, FUSION } from '../training/scorer/members.ts';
import { CANDIDATES, type Run, runCandidates } from './choose-candidates.ts';
import { type HeldOut, type Judged, saveChoice, writeChoice } from './choose-table.ts';
import type { Bench, Log } from './harness.ts';
import { areaOf, DATA, readTables, SEEDS } from './tables.ts';

/** Members of a combination, at most. */
const MOST_MEMBERS = 4;
/** The combinations that are printed. */
const SHOWN = 25;
/** A good score is not much worse than the best of these on any table. */
const RIVALS = ['knn_5_percent@0', 'isolation_forest@0', 'mixture@0.3', 'robust_covariance@0'];

/** A combination of members and a fusion rule, and its AUROC on each table. */
type Combination = Pick<Judged, 'members' | 'fusion' | 'areas'>;

/** Which members and which fusion rule to choose for tables that nobody has seen. */
export const bench: Bench = {
  title: 'choice of the default detectors for tables',
  targets: {},
  run: (log) => compare(SEEDS, log),
  write: writeChoice,
  quick: { targets: {}, run: (log) => compare(SEEDS.slice(0, 1), log) },
};

async function compare(seeds: readonly number[], log: Log): Promise<Record<string, number>> {
  const tables: { name: string; runs: Run[] }[] = [];
  for (const folder of ['adbench', 'adbench-more'].map((name) => join(DATA, name))) {
    if (!existsSync(folder)) {
      log(`not measured: ${folder} is missing`);
      return {};
    }
    for (const [name, set] of await readTables(folder)) {
      const runs: Run[] = [];
      for (const seed of seeds) runs.push(await runCandidates(name, set, seed));
      tables.push({ name, runs });
      const areas = CANDIDATES.map((one) => `${one.name} ${areaOfRuns(runs, [one.name], 'mean').toFixed(3)}`);
      log(`${name}: ${areas.join('  ')}`);
    }
  }
  const combinations = listCombinations(CANDIDATES.map(({ name }) => name)).map(
    ({ members, fusion }): Combination => ({
      members,
      fusion,
      areas: tables.map(({ runs }) => areaOfRuns(runs, members, fusion)),
    }),
  );
  return report(
    combinations,
    tables.map(({ name }) => name),
    log,
  );
}

/** Every combination without two variants of one detector. For one member all rules are the same, for two top2 is the mean. */
function listCombinations(names: readonly string[]): Omit<Combination, 'areas'>[] {
  const result: Omit<Combination, 'areas'>[] = [];
  const add = (members: readonly string[], from: number) => {
    for (const fusion of FUSIONS.slice(0, members.length)) result.push({ members, fusion });
    if (members.length === MOST_MEMBERS) return;
    for (let i = from; i < names.length; i++) {
      const [detector] = names[i].split('@');
      if (!members.some((name) => name.startsWith(`${detector}@`))) add([...members, names[i]], i + 1);
    }
  };
  add([], 0);
  return result;
}

/** The mean AUROC over the splits of a table. */
const areaOfRuns = (runs: readonly Run[], members: readonly string[], fusion: Fusion): number =>
  mean(
    runs.map(({ labels, surprises }) =>
      areaOf(
        fuseColumns(
          members.map((name) => surprises.get(name)!),
          fusion,
        ),
        { labels },
      ),
    ),
  );

/**
 * The default's regret on every table in the folders and a few splits of each: the AUROC of the best rival minus that of
 * the default, the mean and the largest over the tables.
 */
export async function measureRegret(folders: readonly string[]): Promise<{ mean: number; worst: number }> {
  const own = nameDefaults();
  const candidates = CANDIDATES.filter(({ name }) => RIVALS.includes(name) || own.includes(name));
  const regrets: number[] = [];
  for (const folder of folders) {
    for (const [name, set] of await readTables(folder)) {
      const runs: Run[] = [];
      for (const seed of SEEDS) runs.push(await runCandidates(name, set, seed, candidates));
      const best = Math.max(...RIVALS.map((rival) => areaOfRuns(runs, [rival], 'mean')));
      regrets.push(best - areaOfRuns(runs, own, FUSION.table));
    }
  }
  return { mean: mean(regrets), worst: Math.max(...regrets) };
}

/** The default's members, as the candidates are named. */
const nameDefaults = (): string[] =>
  DEFAULT_DETECTORS.table.map((name) => {
    const [detector] = name.split(':');
    return `${detector}@${DETECTORS[detector]?.resistant ? 0 : CONTAMINATION.table}`;
  });

/** What the scorer's graph computes. */
function fuseColumns(columns: readonly Float32Array[], fusion: Fusion): Float32Array {
  if (columns.length === 1) return columns[0];
  return columns[0].map((_, i) => {
    let [first, second, sum] = [0, 0, 0];
    for (const column of columns) {
      const value = column[i];
      sum += value;
      if (value > first) [first, second] = [value, first];
      else if (value > second) second = value;
    }
    return { mean: sum / columns.length, max: first, top2: (first + second) / 2 }[fusion];
  });
}

/** Prints the best combinations, and for each rule how well a combination does on a table that it was not chosen on. */
async function report(
  combinations: readonly Combination[],
  tables: readonly string[],
  log: Log,
): Promise<Record<string, number>> {
  const rivals = combinations.filter(({ members }) => members.length === 1 && RIVALS.includes(members[0]));
  const best = tables.map((_, t) => Math.max(...rivals.map(({ areas }) => areas[t])));
  const judge = ({ members, fusion, areas }: Combination): Judged => {
    const regrets = areas.map((area, t) => best[t] - area);
    const worst = regrets.indexOf(Math.max(...regrets));
    const [auroc, regret] = [mean(areas), mean(regrets)];
    return { members, fusion, areas, auroc, regret, worst: regrets[worst], on: tables[worst] };
  };
  const ranked = combinations.map(judge).sort((a, b) => b.auroc - a.auroc);
  const line = ({ members, fusion, auroc, regret, worst, on }: Judged) =>
    `${auroc.toFixed(4)}  ${regret.toFixed(4)}  ${worst.toFixed(3)} ${on.padEnd(17)} ${fusion.padEnd(5)} ${members.join(', ')}`;
  log('\nAUROC   regret  worst regret            rule  members');
  for (const one of ranked.slice(0, SHOWN)) log(line(one));
  const figures: Record<string, number> = {};
  log('\nsingle members');
  for (const one of ranked.filter(({ members }) => members.length === 1)) log(line(one));
  log('\nthe default');
  const names = nameDefaults().sort();
  const today = ranked.find(
    ({ members, fusion }) => fusion === FUSION.table && members.toSorted().join() === names.join(),
  );
  if (!today) throw new Error(`${names.join(', ')}: not among the candidates`);
  log(line(today));
  figures.default_auroc = today.auroc;
  figures.default_regret = today.regret;
  figures.default_worst_regret = today.worst;
  log('\nchosen on the other tables, and measured on each');
  const heldOut: HeldOut[] = [];
  for (const rule of [...FUSIONS, 'any'] as const) {
    const own = ranked.filter(
      ({ fusion, members }) => rule === 'any' || fusion === rule || members.length === 1,
    );
    const { areas, chosen } = leaveOneOut(own);
    const { auroc, regret, worst, on } = judge({ members: [], fusion: 'mean', areas });
    heldOut.push({ rule, auroc, regret, worst, on, areas });
    figures[rule === 'any' ? 'held_out_auroc' : `held_out_${rule}_auroc`] = auroc;
    log(`${auroc.toFixed(4)}  ${rule.padEnd(5)} ${chosen}`);
  }
  log(`\nall combinations: ${await saveChoice({ own: today, judged: ranked, heldOut })}`);
  return {
    best_auroc: ranked[0].auroc,
    best_regret: ranked[0].regret,
    best_worst_regret: ranked[0].worst,
    ...figures,
  };
}

/** The AUROC on each table of the combination with the largest mean on the other tables, and what is chosen. */
function leaveOneOut(combinations: readonly Combination[]): { areas: number[]; chosen: string } {
  const sums = combinations.map(({ areas }) => areas.reduce((sum, area) => sum + area, 0));
  const counts = new Map<string, number>();
  const areas = combinations[0].areas.map((_, t) => {
    let at = 0;
    for (let c = 1; c < combinations.length; c++) {
      if (sums[c] - combinations[c].areas[t] > sums[at] - combinations[at].areas[t]) at = c;
    }
    const { members, fusion } = combinations[at];
    const name = `${fusion}(${members.join(', ')})`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    return combinations[at].areas[t];
  });
  const chosen = [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${count} × ${name}`);
  return { areas, chosen: chosen.join('; ') };
}
