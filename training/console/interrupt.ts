/**
 * Ctrl-C and SIGTERM. What can put itself away first listens to `signal`, inside {@link interruptible}; a
 * second signal, or one at any other time, ends the process at once.
 */
const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

let running: AbortController | undefined;

/** The exit code that the first signal asks for. */
let asked: number | undefined;
export const askedToStop = (): number | undefined => asked;

/** Runs `work` so that the first signal only aborts its `signal`. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  running = new AbortController();
  try {
    return await work(running.signal);
  } finally {
    running = undefined;
  }
}

/** Listens for signals; `last` is called before the process ends by one. */
export function listen(last: () => void): void {
  for (const [signal, code] of Object.entries(CODES)) {
    process.on(signal, () => {
      if (running && asked === undefined) {
        asked = code;
        running.abort();
        return;
      }
      last();
      process.exit(code);
    });
  }
}
