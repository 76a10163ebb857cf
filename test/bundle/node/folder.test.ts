import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fusionOf } from '../../../bundle/fusion.ts';
import { MAP_FORMAT, modelId } from '../../../bundle/integrity.ts';
import { type Manifest, REQUIRED_FILES } from '../../../bundle/manifest.ts';
import { findBundles } from '../../../bundle/node/find.ts';
import { isTaken, openAnyFolder, openFolder, verifyFolder } from '../../../bundle/node/folder.ts';
import { BundleWriter, writeFolder } from '../../../bundle/node/writer.ts';
import { TEST_BUNDLE } from '../../support/paths.ts';
import { lockFile } from './lock-files.ts';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'offmanifold-'));
  folder = join(parent, 'mnist');
  await cp(TEST_BUNDLE, folder, { recursive: true });
});
afterEach(() => rm(parent, { recursive: true, force: true }));

async function contents() {
  const { manifest, file } = await openFolder(folder);
  const { model_id: _id, files: entries, ...rest } = manifest;
  const files = new Map<string, Uint8Array>();
  for (const { name } of entries) files.set(name, await file(name));
  return { manifest: rest, files };
}

async function editManifest(edit: (manifest: Record<string, never> & Manifest) => void) {
  const path = join(folder, 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8'));
  edit(manifest);
  await writeFile(path, JSON.stringify(manifest));
}

test('where there is no bundle, the error names those beside it, and a file is called one', async () => {
  await expect(openFolder(join(parent, 'none'))).rejects.toThrow(
    `there is no bundle at ${join(parent, 'none')}; choose ${folder} with --model, or train one with npx offmanifold train DATA`,
  );
  for (const other of ['orders', 'pumps']) await cp(folder, join(parent, other), { recursive: true });
  await expect(openFolder(join(parent, 'none'))).rejects.toThrow(
    `; choose ${folder}, ${join(parent, 'orders')} or ${join(parent, 'pumps')} with --model, or train`,
  );
  await expect(openFolder(join(folder, 'none'))).rejects.toThrow('none; train one with npx ');
  await expect(openFolder(join(folder, 'pumps'))).rejects.toThrow('pumps; train one with npx ');
  await expect(openFolder(join(parent, 'order'))).rejects.toThrow(
    `there is no bundle at ${join(parent, 'order')}; did you mean ${join(parent, 'orders')}?`,
  );
  await expect(openFolder(parent)).rejects.toThrow(
    `${parent}/ holds 3 bundles, ${basename(folder)}, orders and pumps: say which, such as with --model ${folder}`,
  );
  await expect(openFolder(join(parent, 'models'))).rejects.toThrow(
    `there is no bundle in ${join(parent, 'models')}: train one with npx offmanifold train DATA`,
  );
  const file = join(parent, 'shop.csv');
  await writeFile(file, 'x,y\n');
  await expect(openFolder(file)).rejects.toThrow(`${file} is a file: expected the folder of a bundle`);
});

test('only a command that can use a map without a model counts it', async () => {
  const models = join(parent, 'models');
  await mkdir(join(models, 'embeddings'), { recursive: true });
  await writeFile(join(models, 'embeddings', 'manifest.json'), JSON.stringify({ format: MAP_FORMAT }));
  expect(findBundles(models, { maps: true })).toEqual([join(models, 'embeddings')]);
  await expect(openAnyFolder(models)).rejects.toThrow('holds a bundle, embeddings');
  await expect(openFolder(models)).rejects.toThrow('there is no bundle in ');
  await cp(folder, join(models, 'pumps'), { recursive: true });
  expect(findBundles(models, { maps: false })).toEqual([join(models, 'pumps')]);
  await expect(openFolder(models)).rejects.toThrow('holds a bundle, pumps: use --model ');
  await expect(openAnyFolder(models)).rejects.toThrow('holds 2 bundles, embeddings and pumps');
});

test('a bundle of the time before fusion rules opens as it is', async () => {
  await editManifest((manifest) => {
    delete manifest.scorer.fusion;
  });
  const edited = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  const id = await modelId(edited);
  await editManifest((manifest) => Object.assign(manifest, { model_id: id }));
  const { manifest } = await verifyFolder(folder);
  expect(manifest.model_id).toBe(id);
  expect(fusionOf(manifest.scorer)).toBe('mean');
});

describe('a damaged bundle is refused with a sentence that names the file', () => {
  for (const name of [...REQUIRED_FILES, 'sprites-0.webp']) {
    test(`${name} truncated, with a flipped bit, missing`, async () => {
      const path = join(folder, name);
      const bytes = await readFile(path);
      await writeFile(path, bytes.subarray(0, -7));
      await expect(verifyFolder(folder)).rejects.toThrow(
        `${folder}: ${name} is truncated: ${bytes.length - 7} bytes, but the manifest says ${bytes.length}`,
      );
      const flipped = Buffer.from(bytes);
      flipped[flipped.length >> 1] ^= 4;
      await writeFile(path, flipped);
      await expect(verifyFolder(folder)).rejects.toThrow(`${name} is damaged: its SHA-256 is not the one`);
      const { file } = await openFolder(folder);
      await expect(file(name)).rejects.toThrow(`${folder}: ${name} is damaged: `);
      await rm(path);
      await expect(verifyFolder(folder)).rejects.toThrow(
        `${folder}: ${name} cannot be read: there is no such file or folder`,
      );
    });
  }

  test('a manifest that is missing, cut, of another program, newer, edited', async () => {
    const path = join(folder, 'manifest.json');
    const text = await readFile(path, 'utf8');
    await editManifest((manifest) => Object.assign(manifest, { version: 1 }));
    await expect(openFolder(folder)).rejects.toThrow(
      'older than 3, the only one this program reads: train again',
    );
    await editManifest((manifest) => Object.assign(manifest, { version: 4 }));
    await expect(openFolder(folder)).rejects.toThrow(
      'manifest.json has format version 4, newer than 3, the newest this program reads: update offmanifold',
    );
    await writeFile(path, text);
    await editManifest((manifest) => {
      manifest.scorer.thresholds[0].score *= 2;
    });
    await expect(openFolder(folder)).rejects.toThrow('its contents do not match its model_id');
    await writeFile(path, text);
    await editManifest((manifest) => Object.assign(manifest.map, { points: -1 }));
    await expect(openFolder(folder)).rejects.toThrow('manifest.json is damaged: map.points: ');
    await writeFile(path, text);
    await editManifest((manifest) => {
      manifest.files = manifest.files.filter((file) => file.name !== 'codes.bin');
    });
    await expect(openFolder(folder)).rejects.toThrow('it does not list codes.bin');
    await writeFile(path, '{"name": "other"}');
    await expect(openFolder(folder)).rejects.toThrow(
      'manifest.json is not the manifest of an offmanifold bundle',
    );
    await writeFile(path, text.slice(0, 500));
    await expect(openFolder(folder)).rejects.toThrow('manifest.json is damaged: it is not JSON');
    await rm(path);
    await expect(openFolder(folder)).rejects.toThrow(
      'manifest.json cannot be read: there is no such file or folder',
    );
  });
});

describe('writing', () => {
  test('what is written is read, under the same id, and nothing else is left behind', async () => {
    const before = (await openFolder(folder)).manifest;
    const written = await writeFolder(folder, await contents());
    expect(written.model_id).toBe(before.model_id);
    expect((await verifyFolder(folder)).manifest).toEqual(written);
    expect(await readdir(parent)).toEqual(['mnist']);
  });

  test('another byte in a file, or another setting, is another id; another time is not', async () => {
    const { manifest } = await openFolder(folder);
    const later = { ...manifest, run: { ...manifest.run, created_at: '2030-01-01T00:00:00.000Z' } };
    expect(await modelId(later)).toBe(manifest.model_id);
    expect(await modelId({ ...manifest, training: { ...manifest.training, seed: 99 } })).not.toBe(
      manifest.model_id,
    );
    const changed = await contents();
    changed.files.set('codes.bin', changed.files.get('codes.bin')!.with(50, 1));
    expect((await writeFolder(folder, changed)).model_id).not.toBe(manifest.model_id);
  });

  test('what a writer that was killed left behind is gone after the next one', async () => {
    await cp(folder, join(parent, '.mnist.partial'), { recursive: true });
    await writeFolder(folder, await contents());
    expect(await readdir(parent)).toEqual(['mnist']);
  });

  test('a writer stopped between its two renames loses nothing, whoever comes next', async () => {
    const before = (await verifyFolder(folder)).manifest;
    await rename(folder, join(parent, '.mnist.previous'));
    expect((await verifyFolder(folder)).manifest).toEqual(before);
    await rename(folder, join(parent, '.mnist.previous'));
    (await BundleWriter.open(folder)).close();
    expect((await verifyFolder(folder)).manifest).toEqual(before);
    expect(await readdir(parent)).toEqual(['mnist']);
  });

  test('a model named like the format of maps is a model', async () => {
    const named = join(parent, 'offmanifold-map');
    await cp(folder, named, { recursive: true });
    const edited = JSON.parse(await readFile(join(named, 'manifest.json'), 'utf8'));
    await writeFile(join(named, 'manifest.json'), JSON.stringify({ ...edited, name: 'offmanifold-map' }));
    await expect(BundleWriter.open(named, MAP_FORMAT)).rejects.toThrow(
      'holds a model: it is not overwritten',
    );
    (await BundleWriter.open(named)).close();
  });

  test('a folder that holds something else is not touched', async () => {
    const other = join(parent, 'thesis');
    await mkdir(other);
    await writeFile(join(other, 'chapter-1.txt'), 'It was a dark night');
    const all = await contents();
    await expect(writeFolder(other, all)).rejects.toThrow(
      `${other} exists and is not a bundle: it is not overwritten; choose another folder with --out`,
    );
    expect(await readdir(other)).toEqual(['chapter-1.txt']);
    await expect(writeFolder(parent, all)).rejects.toThrow('exists and is not a bundle');
    expect((await readdir(parent)).sort()).toEqual(['mnist', 'thesis']);
  });

  test('a second writer is refused while the first is at work, and the lock of a dead one is not', async () => {
    const writer = await BundleWriter.open(folder);
    await expect(BundleWriter.open(folder)).rejects.toThrow(`is being written by process ${process.pid}`);
    writer.close();
    const dead = spawnSync(process.execPath, ['-e', '']).pid;
    await writeFile(join(parent, '.mnist.lock'), lockFile({ pid: dead }));
    (await BundleWriter.open(folder)).close();
    expect(await readdir(parent)).toEqual(['mnist']);
  });

  test('a writer whose lock was deleted and taken by another leaves the work of the other alone', async () => {
    const first = await BundleWriter.open(folder);
    await rm(join(parent, '.mnist.lock'));
    const second = await BundleWriter.open(folder);
    first.close();
    expect((await readdir(parent)).sort()).toEqual(['.mnist.lock', '.mnist.partial', 'mnist']);
    await second.write(await contents());
    second.close();
    expect(await readdir(parent)).toEqual(['mnist']);
  });

  test('a name that is no name is refused before any work', async () => {
    await expect(BundleWriter.open(join(parent, 'my model'))).rejects.toThrow(
      "a bundle's name has letters, digits",
    );
  });

  test('a folder is taken unless it is absent or empty', async () => {
    expect(await isTaken(folder)).toBe(true);
    expect(await isTaken(join(parent, 'none'))).toBe(false);
    await mkdir(join(parent, 'empty'));
    expect(await isTaken(join(parent, 'empty'))).toBe(false);
    expect(await isTaken(join(folder, 'manifest.json'))).toBe(true);
  });

  test('contents that do not pass the schema are not written, and the old bundle stays', async () => {
    const before = await verifyFolder(folder);
    const wrong = await contents();
    wrong.files.delete('codes.bin');
    await expect(writeFolder(folder, wrong)).rejects.toThrow('it does not list codes.bin');
    expect((await verifyFolder(folder)).manifest).toEqual(before.manifest);
    expect(await readdir(parent)).toEqual(['mnist']);
  });

  test('a place that cannot be written is an error, not a crash', async () => {
    await writeFile(join(parent, 'file'), '');
    await expect(writeFolder(join(parent, 'file', 'mnist'), await contents())).rejects.toThrow(
      /mnist cannot be written: a part of its path is (a file|not a folder)$/,
    );
  });

  test('a full disk is one sentence, and the old bundle stays', async () => {
    const before = await verifyFolder(folder);
    const all = await contents();
    vi.resetModules();
    vi.doMock('node:fs/promises', async (original) => {
      const real = await original<typeof import('node:fs/promises')>();
      return {
        ...real,
        open: async (path: string, flags?: string) => {
          const handle = await real.open(path, flags);
          if (!path.endsWith('map.parquet') || flags !== 'wx') return handle;
          const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
          const close = () => handle.close();
          return { writeFile: () => Promise.reject(full), close, [Symbol.asyncDispose]: close };
        },
      };
    });
    const { writeFolder: writeToFullDisk } = await import('../../../bundle/node/writer.ts');
    await expect(writeToFullDisk(folder, all)).rejects.toThrow(
      `${folder} cannot be written: the disk is full; what was there is unchanged`,
    );
    vi.doUnmock('node:fs/promises');
    expect((await verifyFolder(folder)).manifest).toEqual(before.manifest);
    expect(await readdir(parent)).toEqual(['mnist']);
  });
});
