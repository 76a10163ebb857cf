import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';

/** A bound on a figure, inclusive. */
export type Target = { atMost: number } | { atLeast: number };

export type Log = (line: string) => void;

/** What a benchmark measures: figures by key, and the targets that some of them have. */
export interface Measurement {
  readonly targets: Readonly<Record<string, Target>>;
  /** `log` writes a line to standard error. */
  run(log: Log): Promise<Record<string, number>>;
}

/** A benchmark. Its full form is for people and takes minutes. */
export interface Bench extends Measurement {
  readonly title: string;
  /** Writes what the last run found besides figures into the documentation. */
  write?(): Promise<void>;
  /** The short form for continuous integration: less data, targets for quality and none for time. */
  readonly quick?: Measurement;
  /** The same with so many points. */
  readonly sized?: (points: number) => Measurement;
}

export interface BenchResult {
  bench: string;
  machine: { cpu: string; cores: number; memory_gb: number; os: string };
  versions: Record<string, string>;
  figures: Record<string, number>;
  targets: { key: string; figure: number | null; target: string; holds: boolean }[];
}

export async function measure(name: string, measurement: Measurement, log: Log): Promise<BenchResult> {
  const figures = await measurement.run(log);
  return {
    bench: name,
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      memory_gb: Math.round(totalmem() / 2 ** 30),
      os: `${process.platform} ${process.arch}`,
    },
    versions: versions(),
    figures,
    targets: Object.entries(measurement.targets).map(([key, target]) => {
      const figure = figures[key] ?? null;
      const [bound, sign] = 'atMost' in target ? [target.atMost, '≤'] : [target.atLeast, '≥'];
      const holds = figure !== null && (sign === '≤' ? figure <= bound : figure >= bound);
      return { key, figure, target: `${sign} ${bound}`, holds };
    }),
  };
}

function versions(): Record<string, string> {
  const packageJson = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const commit = gitCommit();
  return {
    offmanifold: packageJson.version,
    ...(commit ? { commit } : {}),
    node: process.versions.node,
    'onnxruntime-node': packageJson.optionalDependencies['onnxruntime-node'],
    'onnxruntime-web': packageJson.devDependencies['onnxruntime-web'],
    wrangler: packageJson.devDependencies.wrangler,
  };
}

function gitCommit(): string | undefined {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return undefined;
  }
}
