import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAP_FORMAT } from '../integrity.ts';

/** The folder in which bundles are, unless `--out` names another place. */
export const MODELS = 'models';

/** The paths of the bundles in a folder, damaged ones too; with `maps`, those of maps without a model as well. */
export function findBundles(folder: string, { maps }: { maps: boolean }): string[] {
  return listFolder(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(folder, name))
    .filter((path) => existsSync(join(path, 'manifest.json')))
    .filter((path) => maps || readFormat(path) !== MAP_FORMAT);
}

/** What the manifest in a folder says that it is, by no schema; undefined if there is none, or if it is not JSON. */
export function readFormat(folder: string): unknown {
  try {
    const json: unknown = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    return typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined;
  } catch {
    return undefined;
  }
}

function listFolder(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
