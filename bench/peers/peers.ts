import { existsSync } from 'node:fs';
import { path, pythonWith, runScript } from './program.ts';
import { referenceLosses } from './reference.ts';

/** What a peer prints, the fastest of its steps in milliseconds; `losses` are those of the first steps. */
interface Report {
  ms_per_step: number;
  ms_per_step_median: number;
  steps: number;
  losses: number[];
  version: string;
  backend: string;
  threads?: number;
  blas?: string;
  gemm_gflops?: number;
}

interface Peer {
  name: string;
  /** The figure of ms_per_step. */
  key: string;
  /** The script in this folder, and its arguments. */
  script: [file: string, ...args: string[]];
  /** The figure of gemm_gflops. */
  gemmKey?: string;
  /** Whether the step is the one of problem.ts, whose losses are known. */
  dense: boolean;
  /** Whether the short form of the benchmark measures it. */
  quick?: boolean;
  /** The program that runs the script; undefined if this machine lacks what it needs. */
  interpreter(): Promise<string | undefined>;
  install: string;
}

const tfjs = {
  dense: true,
  interpreter: async () => (existsSync(path('node_modules/@tensorflow')) ? process.execPath : undefined),
  install: 'npm ci --prefix bench/peers',
};
const numpy = {
  interpreter: () => pythonWith('numpy'),
  install: 'apt-get install python3-numpy libopenblas0-pthread',
};
const torch = {
  interpreter: () => pythonWith('numpy, torch'),
  install: 'apt-get install python3-torch libopenblas0-pthread',
};

const PEERS: readonly Peer[] = [
  { name: 'TensorFlow.js, WebAssembly', key: 'tfjs_wasm_ms', script: ['tfjs.ts', 'wasm'], ...tfjs },
  {
    name: 'TensorFlow.js, WebAssembly, transposes written out',
    key: 'tfjs_wasm_transposed_ms',
    script: ['tfjs.ts', 'wasm', 'transposed'],
    quick: true,
    ...tfjs,
  },
  { name: 'TensorFlow.js, JavaScript', key: 'tfjs_cpu_ms', script: ['tfjs.ts', 'cpu'], ...tfjs },
  {
    name: 'NumPy',
    key: 'numpy_ms',
    gemmKey: 'numpy_gemm_gflops',
    script: ['numpy_epoch.py'],
    dense: true,
    ...numpy,
  },
  { name: 'PyTorch', key: 'torch_dense_ms', script: ['torch_epoch.py', 'dense'], dense: true, ...torch },
  {
    name: 'PyTorch, convolutional',
    key: 'torch_conv_ms',
    script: ['torch_epoch.py', 'conv'],
    dense: false,
    ...torch,
  },
];

const LIMIT_S = 120;
/** All the losses that the peers report; from the sixth on, a small error in a gradient or in Adam shows. */
const LOSSES = 10;
/** The first losses alone, in the short form: the reference is slow. */
const QUICK_LOSSES = 3;
const LOSS_TOLERANCE = 1e-3;

/**
 * Milliseconds of a training step, batch 256, by other libraries, one after the other, each in a process of its
 * own: tfjs_wasm_ms, tfjs_wasm_transposed_ms, tfjs_cpu_ms, numpy_ms, torch_dense_ms, torch_conv_ms, the fastest
 * step of each; and numpy_gemm_gflops, its best square product. A peer that is not installed, fails or computes
 * other losses has no figure, and `log` says why.
 */
export async function measurePeers(
  log: (line: string) => void,
  form: 'full' | 'quick' = 'full',
): Promise<Record<string, number>> {
  const figures: Record<string, number> = {};
  const losses = referenceLosses(form === 'full' ? LOSSES : QUICK_LOSSES);
  const peers = form === 'full' ? PEERS : PEERS.filter(({ quick }) => quick);
  for (const { name, key, gemmKey, script, dense, interpreter, install } of peers) {
    const program = await interpreter();
    if (!program) {
      log(`${name}: not measured: it is not installed: ${install}`);
      continue;
    }
    try {
      const report = await runScript<Report>(program, script, LIMIT_S);
      if (dense) check(report.losses, losses);
      figures[key] = report.ms_per_step;
      if (gemmKey && report.gemm_gflops) figures[gemmKey] = report.gemm_gflops;
      log(`${name}: ${describe(report)}`);
    } catch (error) {
      log(`${name}: not measured: ${(error as Error).message}`);
    }
  }
  return figures;
}

/** Throws unless the losses of the first steps are the known ones, which makes it the same step. */
function check(found: number[], known: number[]): void {
  const wrong = known.findIndex((loss, i) => !(Math.abs(found[i] - loss) <= LOSS_TOLERANCE * loss));
  if (wrong !== -1)
    throw new Error(`loss ${found[wrong]} at step ${wrong + 1}, where ${known[wrong]} is right`);
}

function describe({
  ms_per_step,
  ms_per_step_median,
  steps,
  version,
  backend,
  threads,
  blas,
  gemm_gflops,
}: Report) {
  const facts = [version, backend, blas, threads && `threads: ${threads}`].filter(Boolean).join('; ');
  const gemm = gemm_gflops ? `, best matrix product ${gemm_gflops.toFixed(0)} GFLOP/s` : '';
  return `${ms_per_step.toFixed(1)} ms a step (median of ${steps}: ${ms_per_step_median.toFixed(1)})${gemm} (${facts})`;
}
