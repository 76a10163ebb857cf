import { parseArgs } from 'node:util';
import { type Bench, type BenchResult, measure } from './harness.ts';
import { keep, writePage } from './results.ts';

/** The benchmarks by name; each is loaded only when it is asked for. */
const BENCHES: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  start: () => import('./start.ts'),
  train: () => import('./train.ts'),
  reconstruct: () => import('./reconstruct.ts'),
  detect: () => import('./detect.ts'),
  holdout: () => import('./holdout.ts'),
  choose: () => import('./choose.ts'),
  bulk: () => import('./bulk.ts'),
  readers: () => import('./readers.ts'),
  tsne: () => import('./tsne.ts'),
  million: () => import('./million.ts'),
  studies: () => import('./studies.ts'),
  edge: () => import('./edge.ts'),
  dashboard: () => import('./dashboard.ts'),
  package: () => import('./package.ts'),
};

/** The one that takes so long that it has to be named. */
const LONG = 'million';

const USAGE = `usage: npm run bench -- NAME... [--quick | --points N] [--json] [--write]
       npm run bench -- page

  NAME        ${Object.keys(BENCHES).join(', ')}; or all, which is all but ${LONG}
  page        write docs/benchmarks.md again from docs/benchmarks.json
  --quick     the short form: checks quality, not time
  --points N  ${LONG} with another number of points, from 1000
  --json      print one JSON object for each benchmark on standard output and nothing else there
  --write     keep the figures in docs/benchmarks.json and write docs/benchmarks.md

reconstruct, detect, tsne, studies, edge and dashboard read the bundle in models/mnist: npm start makes it.
The exit code is 0 if all targets are met, 1 if one is missed, 2 if a benchmark fails to run.`;

interface Flags {
  quick?: boolean;
  points?: number;
  json?: boolean;
  write?: boolean;
}

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  let names: string[];
  let flags: Flags;
  try {
    ({ names, flags } = parse(args));
  } catch (error) {
    const help = args.includes('--help') || args.includes('-h');
    console.error(help || args.length === 0 ? USAGE : `bench: ${(error as Error).message}\n\n${USAGE}`);
    return help ? 0 : 2;
  }
  if (names[0] === 'page') {
    await writePage();
    return 0;
  }
  let code = 0;
  for (const name of names) code = Math.max(code, await run(name, flags));
  return code;
}

function parse(args: string[]): { names: string[]; flags: Flags } {
  const boolean = { type: 'boolean' } as const;
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { quick: boolean, json: boolean, write: boolean, points: { type: 'string' } },
  });
  const points = values.points === undefined ? undefined : Number(values.points);
  if (points !== undefined && !(Number.isInteger(points) && points >= 1000)) {
    throw new Error(`--points is ${values.points}: a whole number from 1000 is accepted`);
  }
  const flags = { ...values, points };
  if (flags.quick && points !== undefined) throw new Error('--quick and --points exclude each other');
  if ((flags.quick || points !== undefined) && flags.write) {
    throw new Error('--write keeps figures of the full form only');
  }
  const known = [...Object.keys(BENCHES), 'all', 'page'];
  const unknown = positionals.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`there is no benchmark ${unknown}`);
  if (positionals.length === 0) throw new Error('name a benchmark');
  const names = positionals.includes('all')
    ? Object.keys(BENCHES).filter((name) => name !== LONG)
    : positionals;
  return { names, flags };
}

/** Runs a benchmark, prints its figures and returns the exit code. */
async function run(name: string, { quick, points, json, write }: Flags): Promise<number> {
  try {
    const { bench } = await BENCHES[name]!();
    const measurement = points !== undefined ? bench.sized?.(points) : quick ? bench.quick : bench;
    if (!measurement) throw new Error(quick ? 'it has no short form' : 'it takes no --points');
    const result = await measure(name, measurement, (line) => console.error(line));
    if (json) console.log(JSON.stringify(result));
    else print(result);
    if (write) {
      await keep(result, bench.title);
      await bench.write?.();
    }
    return result.targets.every((target) => target.holds) ? 0 : 1;
  } catch (error) {
    console.error(`bench ${name}: ${(error as Error).message}`);
    return 2;
  }
}

function print({ bench, machine, figures, targets }: BenchResult): void {
  console.log(`${bench} on ${machine.cpu}, ${machine.cores} cores`);
  for (const [key, figure] of Object.entries(figures)) {
    const target = targets.find((t) => t.key === key);
    const verdict = target ? `   target ${target.target}: ${target.holds ? 'holds' : 'MISSED'}` : '';
    console.log(`  ${key.padEnd(28)} ${Number(figure.toPrecision(5))}${verdict}`);
  }
  for (const { key, target, figure } of targets) {
    if (figure === null) console.log(`  ${key.padEnd(28)} not measured   target ${target}: MISSED`);
  }
}
