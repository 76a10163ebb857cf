import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { FileSource } from '../../bundle/files.ts';
import { openIntact } from '../../bundle/intact.ts';
import { modelId } from '../../bundle/integrity.ts';
import type { Manifest } from '../../bundle/manifest.ts';
import { openFolder } from '../../bundle/node/folder.ts';
import { TEST_BUNDLE } from '../support/paths.ts';

const { manifest } = await openFolder(TEST_BUNDLE);

/** The test bundle with another manifest. */
const withManifest =
  (json: unknown): FileSource =>
  async (name) =>
    name === 'manifest.json'
      ? new TextEncoder().encode(JSON.stringify(json))
      : readFile(join(TEST_BUNDLE, name));

/** A manifest with a change that its id knows of. */
const renew = async (change: object): Promise<Manifest> => {
  const changed = { ...manifest, ...change };
  return { ...changed, model_id: await modelId(changed) };
};

describe('a bundle that is opened without the schema', () => {
  test('has the same manifest, and its files are checked', async () => {
    const bundle = await openIntact(withManifest(manifest));
    expect(bundle.manifest).toEqual(manifest);
    await expect(bundle.check()).resolves.toBeUndefined();
    expect((await bundle.file('map.parquet')).length).toBeGreaterThan(0);
    const other = await renew({ files: manifest.files.map((file) => ({ ...file, sha256: '0'.repeat(64) })) });
    await expect((await openIntact(withManifest(other))).file('map.parquet')).rejects.toThrow(
      'map.parquet is damaged: its SHA-256 is not the one in the manifest',
    );
  });

  test.each([
    ['another file', { hello: 1 }, 'manifest.json is not the manifest of an offmanifold bundle'],
    ['nothing', null, 'manifest.json is not the manifest of an offmanifold bundle'],
    ['a newer version', { ...manifest, version: 99 }, 'manifest.json has format version 99, newer than'],
    ['a changed value', { ...manifest, name: 'other' }, 'its contents do not match its model_id'],
    ['a damaged value', { ...manifest, map: 1 }, 'manifest.json is damaged: map: '],
  ])('is refused at once if the manifest is %s', async (_, json, message) => {
    await expect(openIntact(withManifest(json))).rejects.toThrow(message);
  });

  test('is refused by the check if only the schema tells that it is wrong', async () => {
    const bundle = await openIntact(withManifest(await renew({ headline: { auroc: 'high' } })));
    await expect(bundle.check()).rejects.toThrow('manifest.json is damaged: headline.auroc: ');
  });
});
