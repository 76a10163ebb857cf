/** What is used of the modules of Node where they exist. Imports would keep bundlers from bundling for browsers. */
interface Builtins {
  'node:fs': { readFileSync(url: URL): Uint8Array<ArrayBuffer> };
  'node:os': { availableParallelism(): number };
  'node:worker_threads': {
    readonly workerData: unknown;
    readonly parentPort: { postMessage(message: unknown): void } | null;
    readonly Worker: new (url: URL, options: { execArgv: string[]; workerData: unknown }) => NodeWorker;
  };
}

interface NodeWorker {
  on(event: 'message', listener: (message: never) => void): void;
  on(event: 'error', listener: (error: Error) => void): void;
  on(event: 'exit', listener: (code: number) => void): void;
}

interface Host {
  readonly process?: { getBuiltinModule?<Name extends keyof Builtins>(name: Name): Builtins[Name] };
}

/** A module of Node; undefined in other hosts, such as browsers. */
export const builtin = <Name extends keyof Builtins>(name: Name): Builtins[Name] | undefined =>
  (globalThis as Host).process?.getBuiltinModule?.(name);
