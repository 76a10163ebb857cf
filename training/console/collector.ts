import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Makes V8's garbage collector callable as `globalThis.gc`, and lets memory outside the heap count as used. Only the
 * program does this, for commands that compute: a library must not set V8's flags in its host.
 */
export function enableCollector(): void {
  setFlagsFromString('--expose-gc');
  // V8 prints an error about a flag that it does not know.
  if (Number.parseInt(process.versions.node, 10) >= 24) {
    setFlagsFromString('--external-memory-accounted-in-global-limit');
  }
  globalThis.gc ??= runInNewContext('gc');
}
