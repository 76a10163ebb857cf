// vite.config.ts compiles the kernels' WebAssembly into modules, as Wrangler does for the Worker.
declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
