/**
 * Ctrl-C and SIGTERM. Work that can save its state runs inside {@link interruptible}: the first signal then only
 * aborts it. A second signal, or one at any other time, ends the process at once.
 */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

let running: AbortController | undefined;
let code: number | undefined;

/** The exit code for the first signal; undefined if there was none. */
export const interruptionCode = (): number | undefined => code;

/** Runs `work` so that the first signal only aborts its `signal`. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  running = new AbortController();
  try {
    return await work(running.signal);
  } finally {
    running = undefined;
  }
}

/** Listens for signals. `end` must end the process with the exit code that it gets. */
export function listenForSignals(end: (code: number) => void): void {
  for (const [signal, own] of Object.entries(CODES)) {
    process.on(signal, () => {
      if (running && code === undefined) {
        code = own;
        running.abort();
      } else end(own);
    });
  }
}
