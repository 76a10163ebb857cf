import { type Bench, measure } from './harness.ts';

/** The benchmarks by name; each is loaded only when it is asked for. */
const BENCHES: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  start: () => import('./start.ts'),
  train: () => import('./train.ts'),
  reconstruct: () => import('./reconstruct.ts'),
  detect: () => import('./detect.ts'),
  holdout: () => import('./holdout.ts'),
  bulk: () => import('./bulk.ts'),
  tsne: () => import('./tsne.ts'),
  studies: () => import('./studies.ts'),
  edge: () => import('./edge.ts'),
};

const USAGE = `usage: npm run bench -- NAME [--json]

  NAME    one of ${Object.keys(BENCHES).join(', ')}
  --json  print one JSON object on standard output and nothing else there

reconstruct, detect, tsne, studies and edge read the bundle in models/mnist: npm start makes it.`;

const [name = '', ...rest] = process.argv.slice(2);
const load = BENCHES[name];
if (!load || rest.some((flag) => flag !== '--json')) {
  console.error(USAGE);
  process.exit(name === '--help' ? 0 : 2);
}
try {
  const result = await measure(name, (await load()).bench, (line) => console.error(line));
  if (rest.includes('--json')) {
    console.log(JSON.stringify(result));
  } else {
    console.log(`${name} on ${result.machine.cpu}, ${result.machine.cores} cores`);
    for (const [key, figure] of Object.entries(result.figures)) {
      const target = result.targets.find((t) => t.key === key);
      const verdict = target ? `   target ${target.target}: ${target.holds ? 'holds' : 'MISSED'}` : '';
      console.log(`  ${key.padEnd(28)} ${Number(figure.toPrecision(5))}${verdict}`);
    }
  }
  process.exitCode = result.targets.every((target) => target.holds) ? 0 : 1;
} catch (error) {
  console.error(`bench ${name}: ${(error as Error).message}`);
  process.exitCode = 2;
}
