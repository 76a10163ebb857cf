declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import('../../functions/index.ts');
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
  /** Rows like those of the training, then as many off the manifold; one answer each. */
  const expected: { rows: number[][]; score: number[]; p_value: number[] };
  export default expected;
}

declare module '*/test-expected.json' {
  const expected: import('./parity.ts').ParityFile;
  export default expected;
}
