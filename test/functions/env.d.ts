declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import('./worker.ts');
  }
}

declare module 'node:zlib' {
  export function deflateSync(bytes: Uint8Array): Uint8Array;
}

declare module '*/table-bundle/manifest.json' {
  const manifest: unknown;
  export default manifest;
}

declare module '*/table-expected.json' {
  /** As the set-up writes it: see test/support/table-bundle.ts. */
  const expected: {
    csv: string;
    mapScores: number[];
    records: import('../../bundle/record.ts').TableRecord[];
    outputs: Record<keyof import('../../bundle/scoring.ts').ScorerOutput, number[]>;
  };
  export default expected;
}

declare module '*/test-expected.json' {
  const expected: import('../support/parity.ts').ParityFile;
  export default expected;
}
