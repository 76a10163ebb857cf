import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const root = import.meta.dirname;

/** Imports a .wasm file as a compiled module, as Wrangler does for the Worker. */
const wasmModules: Plugin = {
  name: 'wasm-modules',
  enforce: 'pre',
  async load(id) {
    if (!id.endsWith('.wasm')) return undefined;
    const bytes = await readFile(id, 'base64');
    return `export default new WebAssembly.Module(Buffer.from('${bytes}', 'base64'));`;
  },
};

/** Bundles the server into one file that needs no node_modules. Only the engine onnxruntime-node stays outside. */
export default defineConfig({
  root,
  plugins: [wasmModules],
  ssr: { noExternal: true, external: ['onnxruntime-node'] },
  build: {
    ssr: resolve(root, 'main.ts'),
    outDir: '../dist',
    emptyOutDir: false,
    target: 'node22',
    rolldownOptions: { output: { entryFileNames: 'server.mjs', codeSplitting: false } },
  },
});
