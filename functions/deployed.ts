import type { FileSource } from '../bundle/reader.ts';
import codes from '../dist/bundle/codes.bin';
import manifest from '../dist/bundle/manifest.json';
import scorer from '../dist/bundle/scorer.onnx';

const files = new Map<string, () => Uint8Array>([
  ['manifest.json', () => new TextEncoder().encode(JSON.stringify(manifest))],
  ['scorer.onnx', () => new Uint8Array(scorer)],
  ['codes.bin', () => new Uint8Array(codes)],
]);

/** Reads the files of the bundle from the Worker's modules, with which they are deployed. */
export const deployedFiles: FileSource = async (name) => {
  const read = files.get(name);
  if (!read) throw new Error(`${name} is not deployed with the Worker`);
  return read();
};
