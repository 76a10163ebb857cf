import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Bench, Measurement } from './harness.ts';

const MILLION = 1_000_000;

/** What the run in a process of its own prints. */
interface Own {
  readonly seconds: number;
  readonly neighbours: number;
  readonly cpu: number;
  readonly iterationMs: number;
  readonly iterationCpuMs: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly kl: number;
  readonly peakRssGb: number;
  readonly recall: number;
}

/** A map of so many points as `offmanifold map` makes it, but always by the approximate search for neighbours. */
const mapOf = (points: number): Pick<Measurement, 'run'> => ({
  async run() {
    const own = await runOwn(points);
    return {
      million_points: points,
      million_s: own.seconds,
      million_neighbours_s: own.neighbours,
      million_cpu_s: own.cpu,
      million_iteration_ms: own.iterationMs,
      million_iteration_cpu_ms: own.iterationCpuMs,
      million_first_iterations_ms: own.firstMs,
      million_last_iterations_ms: own.lastMs,
      million_kl: own.kl,
      million_recall: own.recall,
      million_rss_gb: own.peakRssGb,
    };
  },
});

export const bench: Bench = {
  title: 't-SNE of a million points',
  targets: { million_rss_gb: { atMost: 6 } },
  ...mapOf(MILLION),
  quick: { targets: { million_recall: { atLeast: 0.9 } }, ...mapOf(5000) },
  sized: (points) => ({ targets: {}, ...mapOf(points) }),
};

function runOwn(points: number): Promise<Own> {
  const file = fileURLToPath(new URL('./million-own.ts', import.meta.url));
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [file, `${points}`], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (text) => {
      printed += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(JSON.parse(printed) as Own);
      else reject(new Error(`the run ended with ${signal ?? `exit code ${code}`}`));
    });
  });
}
