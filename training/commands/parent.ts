import { isRunning, processState } from '../../bundle/node/process.ts';

const INTERVAL_MS = 500;

/**
 * Calls `gone` when the npm or npx that started this process has ended: they do not pass SIGTERM on. What a shell started
 * may go on without it, as after `nohup`.
 */
export async function watchParent(gone: () => void): Promise<void> {
  if (process.env.npm_execpath === undefined) return;
  const { ppid } = process;
  const parent = await processState(ppid);
  // npm runs a shell, which runs us, and which goes on if npm is killed.
  const npm = parent?.name === 'sh' ? parent.parent : ppid;
  const timer = setInterval(() => {
    if (process.ppid === ppid && isRunning(npm)) return;
    clearInterval(timer);
    gone();
  }, INTERVAL_MS).unref();
}
