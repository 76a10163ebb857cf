import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Address } from './address.ts';
import { BUILT_TOKEN, WORKER_RECORD } from './build.ts';
import { forgetGroup, recordGroup } from './orphan.ts';
import { PROJECT } from './paths.ts';
import { resolveTool, toolEnvironment } from './tools.ts';

/** How long wrangler may take to stop. */
const GRACE_MS = 5000;

/**
 * Run in wrangler: ends it and all that it started once its standard input ends, which is when this process has ended,
 * however it did.
 */
const GUARD =
  "data:text/javascript,process.stdin.on('end', () => process.kill(0, 'SIGKILL')).resume().unref()";

/** The Worker in wrangler's local runtime. */
export interface DevWorker {
  /** Fulfilled when wrangler and all that it started have ended. */
  readonly ended: Promise<void>;
  /** What it has printed so far. */
  output(): string;
  /** Sets what is called whenever it prints something. */
  onOutput(listener: () => void): void;
  /** From now on, passes its warnings and errors on to standard error. */
  showErrors(): void;
  /** Tells it to end; kills it if that takes too long, or if it has been told before. */
  stop(): void;
}

/** Starts wrangler on what is in `dist/`, for the server with this token. */
export async function startWorker({ host, port }: Address, token: string): Promise<DevWorker> {
  const wrangler = resolveTool('wrangler');
  const flags = ['--ip', host, '--port', String(port), '--show-interactive-dev-session=false'];
  const child = spawn(process.execPath, ['--no-warnings', '--import', GUARD, wrangler, 'dev', ...flags], {
    cwd: PROJECT,
    detached: true,
    stdio: 'pipe',
    env: {
      ...toolEnvironment(),
      [BUILT_TOKEN]: token,
      WRANGLER_SEND_METRICS: 'false',
      // Otherwise it looks for a newer version, over the network.
      WRANGLER_HIDE_BANNER: 'true',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
    },
  });
  const group = child.pid!;
  await recordGroup(WORKER_RECORD, group);
  let output = '';
  let listener = () => {};
  let shown = false;
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      if (!shown) output += data;
      else if (stream === child.stderr) process.stderr.write(data);
      listener();
    });
  }
  const ended = new Promise((done) => child.on('close', done)).then(async () => {
    // What a killed wrangler has left.
    signalGroup(group, 'SIGKILL');
    await forgetGroup(WORKER_RECORD);
  });
  let told = false;
  return {
    ended,
    output: () => output.trim(),
    onOutput: (called) => {
      listener = called;
    },
    showErrors: () => {
      shown = true;
    },
    stop: () => {
      signalGroup(group, told ? 'SIGKILL' : 'SIGINT');
      told = true;
      const late = sleep(GRACE_MS, true, { ref: false });
      void Promise.race([ended, late]).then((killed) => killed && signalGroup(group, 'SIGKILL'));
    },
  };
}

function signalGroup(group: number, name: NodeJS.Signals): void {
  try {
    process.kill(-group, name);
  } catch {
    // It has ended already.
  }
}
