declare namespace Cloudflare {
  interface GlobalProps {
    mainModule: typeof import('../../functions/index.ts');
  }
}

declare module 'node:zlib' {
  export function deflateSync(bytes: Uint8Array): Uint8Array;
  export function crc32(bytes: Uint8Array): number;
}

declare module '*/test-expected.json' {
  /** What onnxruntime-node answers for samples of raw values with the test bundle's scorer.onnx. */
  const expected: {
    samples: number[][];
    score: number[];
    p_value: number[];
    code: number[][];
    feature_error: number[][];
  };
  export default expected;
}
