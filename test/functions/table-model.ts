import { tableColumns } from '../../bundle/kind.ts';
import { parseManifest } from '../../bundle/manifest.ts';
import { openModel } from '../../functions/model/model.ts';
import { createEngine } from '../../functions/model/offmanifold-engine.ts';
import codes from '../../node_modules/.cache/offmanifold/table-bundle/codes.bin';
import manifestModule from '../../node_modules/.cache/offmanifold/table-bundle/manifest.json';
import scorer from '../../node_modules/.cache/offmanifold/table-bundle/scorer.onnx';

/** The manifest of the small table bundle. */
export const tableManifest = await parseManifest(manifestModule);
export const columns = [...tableColumns(tableManifest.data)];

const files: Record<string, () => Uint8Array> = {
  'manifest.json': () => new TextEncoder().encode(JSON.stringify(tableManifest)),
  'scorer.onnx': () => new Uint8Array(scorer),
  'codes.bin': () => new Uint8Array(codes),
};

/** Opens the small table bundle. */
export const openTable = () => openModel(async (name) => files[name]!(), createEngine);
