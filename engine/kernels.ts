/**
 * A module with one relaxed fused multiply-add: valid where the host has relaxed SIMD.
 * (func (param v128 v128 v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2)))
 */
const PROBE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...[0x01, 0x08, 0x01, 0x60, 0x03, 0x7b, 0x7b, 0x7b, 0x01, 0x7b],
  ...[0x03, 0x02, 0x01, 0x00],
  ...[0x0a, 0x0d, 0x01, 0x0b, 0x00, 0x20, 0x00, 0x20, 0x01, 0x20, 0x02, 0xfd, 0x85, 0x02, 0x0b],
);

/** Whether this host has relaxed SIMD, with fused multiply-adds where its processor has them. */
const hasRelaxedSimd = (): boolean => WebAssembly.validate(PROBE);

/** Loads the kernels that this host can run: from a file in Node, over HTTP elsewhere. */
export async function loadKernels(): Promise<WebAssembly.Module> {
  const url = hasRelaxedSimd()
    ? new URL('../kernels/build/inference-relaxed.wasm', import.meta.url)
    : new URL('../kernels/build/inference.wasm', import.meta.url);
  return WebAssembly.compile(await readAll(url));
}

/** What Node has and other hosts do not have. */
interface Host {
  readonly process?: {
    getBuiltinModule?(name: 'node:fs'): { readFileSync(url: URL): Uint8Array<ArrayBuffer> };
  };
}

async function readAll(url: URL): Promise<ArrayBuffer | Uint8Array<ArrayBuffer>> {
  // Not an import, which bundlers for browsers would follow.
  const files = url.protocol === 'file:' && (globalThis as Host).process?.getBuiltinModule?.('node:fs');
  if (files) return files.readFileSync(url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url.pathname} cannot be read: HTTP ${response.status}`);
  return response.arrayBuffer();
}
