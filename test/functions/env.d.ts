declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import('../../functions/index.ts');
  }
}

declare module 'node:zlib' {
  export function deflateSync(bytes: Uint8Array): Uint8Array;
}

declare module '*/test-expected.json' {
  const expected: import('./parity.ts').ParityFile;
  export default expected;
}
