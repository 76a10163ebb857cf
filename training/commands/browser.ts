import { spawn } from 'node:child_process';

/** What opens a URL in the browser, by platform. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** Opens a URL in the browser. Returns whether there is a program for it. */
export function openBrowser(url: string): Promise<boolean> {
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(program!, [...args, url], { stdio: 'ignore', detached: true });
  child.unref();
  return new Promise((done) => {
    child.once('spawn', () => done(true));
    child.once('error', () => done(false));
  });
}
