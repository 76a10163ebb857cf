// The modules that Wrangler makes from the files of the bundle and from the runtime's WebAssembly.

declare module '*.onnx' {
  const bytes: ArrayBuffer;
  export default bytes;
}

declare module '*.bin' {
  const bytes: ArrayBuffer;
  export default bytes;
}

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}

declare module '*/bundle/manifest.json' {
  const manifest: unknown;
  export default manifest;
}

declare module 'node:zlib' {
  export function crc32(bytes: Uint8Array): number;
  export function createInflate(options: { chunkSize: number }): AsyncIterable<Uint8Array> & {
    write(bytes: Uint8Array): boolean;
    end(): void;
    destroy(): void;
  };
}
