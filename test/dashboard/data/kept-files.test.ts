import { createHash } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { ConnectionError } from '../../../bundle/error.ts';
import { dropModels, KeptFiles, type KeptStorage, keeping } from '../../../dashboard/data/kept-files.ts';

const BASE = 'http://host/bundle/';
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** What a browser keeps, in memory. */
function createStorage(): KeptStorage {
  const caches = new Map<string, Map<string, Uint8Array>>();
  const open = async (name: string) => {
    const entries = caches.get(name) ?? new Map<string, Uint8Array>();
    caches.set(name, entries);
    return {
      match: async (url: string) => {
        const bytes = entries.get(url);
        return bytes && new Response(bytes as Uint8Array<ArrayBuffer>);
      },
      put: async (url: string, response: Response) => {
        entries.set(url, new Uint8Array(await response.arrayBuffer()));
      },
      keys: async () => [...entries.keys()].map((url) => ({ url })),
      delete: async (url: string) => entries.delete(url),
    };
  };
  return { open };
}

/** A manifest of files with these texts. */
const manifestOf = (files: Record<string, string>) => ({
  files: Object.entries(files).map(([name, text]) => ({
    name,
    bytes: text.length,
    sha256: createHash('sha256').update(text).digest('hex'),
  })),
});

/** A host with these files, which can be cut off. */
function createHost(files: Record<string, string>) {
  const host = { files, connected: true };
  const source = async (name: string) => {
    if (!host.connected) throw new ConnectionError(`${name} cannot be read: there is no connection to host`);
    return bytesOf(name === 'manifest.json' ? JSON.stringify(host.files) : host.files[name]!);
  };
  return Object.assign(host, { source });
}

type Host = ReturnType<typeof createHost>;

/** A visit to a host: the manifest is read, then these files, which are kept. */
async function visit(host: Host, storage: KeptStorage, names: readonly string[]) {
  const kept = new KeptFiles(BASE, storage, host.source);
  const reading = names.map((name) => kept.source(name));
  const manifest = manifestOf(JSON.parse(textOf(await kept.source('manifest.json'))));
  kept.list(manifest);
  await kept.begin();
  const found = await Promise.all(reading);
  for (const [i, name] of names.entries()) await kept.keep(name, found[i]!);
  return { kept, texts: found.map(textOf) };
}

/** The answer of a host that sends a part of a file. */
const partOf = (text: string, range: string, tag?: string) =>
  new Response(text, { status: 206, headers: { 'Content-Range': range, ...(tag && { ETag: tag }) } });

afterEach(() => vi.unstubAllGlobals());

describe('the files of a bundle', () => {
  test('are those of the host while there is a connection, and those of the last visit without one', async () => {
    const storage = createStorage();
    const host = createHost({ 'map.parquet': 'a map', 'report.json': '{}' });
    await visit(host, storage, ['map.parquet']);
    host.files['map.parquet'] = 'another map';
    expect((await visit(host, storage, ['map.parquet'])).texts).toEqual(['another map']);
    host.connected = false;
    const { kept, texts } = await visit(host, storage, ['map.parquet']);
    expect(texts).toEqual(['another map']);
    expect(kept.offline).toBe(true);
    await expect(kept.source('report.json')).rejects.toThrow(
      'report.json cannot be read: there is no connection to host, and this browser keeps no copy of it',
    );
  });

  test('of another model are dropped, and files that both have stay', async () => {
    const storage = createStorage();
    await visit(createHost({ same: 's', old: 'o' }), storage, ['same', 'old']);
    await visit(createHost({ same: 's', new: 'n' }), storage, []);
    const cache = await storage.open(`offmanifold-bundle ${BASE}`);
    const names = (await cache.keys()).map(({ url }) => new URL(url).pathname.split('/').at(-1));
    expect(names.sort()).toEqual(['manifest.json', 'same']);
  });

  test('are removed once the site no longer has the model, and those of other sites stay', async () => {
    const folders = ['', 'models/second/', 'models/secondary/', 'models/gone/', 'models/first/'];
    const names = [
      ...folders.map((folder) => `offmanifold-bundle http://host/bundle/${folder}`),
      'offmanifold-bundle http://host/other/bundle/models/gone/',
    ];
    const removed: string[] = [];
    const remove = async (name: string) => removed.push(name) > 0;
    const storage = { keys: async () => names, delete: remove };
    await dropModels('http://host/#map', ['first', 'second'], storage);
    expect(removed.sort()).toEqual(names.slice(2, 5).sort());
    await dropModels('http://host/', [], {
      keys: () => Promise.reject(new Error('refused')),
      delete: remove,
    });
    expect(removed).toHaveLength(3);
  });

  test('are read ahead, those that other views need first, none twice, and no frames', async () => {
    const storage = createStorage();
    const host = createHost({
      'sprites-0.webp': '',
      'codes.bin': 'c',
      'map.parquet': 'm',
      'map-frames.bin': 'f',
      'scorer.onnx': 's',
    });
    const { kept } = await visit(host, storage, ['map.parquet']);
    const read: string[] = [];
    await kept.keepOthers(async (name) => {
      read.push(name);
      return bytesOf('');
    });
    expect(read).toEqual(['scorer.onnx', 'codes.bin', 'sprites-0.webp']);
  });

  test('are read by parts, of which those that were read are kept', async () => {
    const storage = createStorage();
    const { kept } = await visit(createHost({ 'rows.parquet': '0123456789' }), storage, []);
    const ask = (range: string) => kept.fetchPart(`${BASE}rows.parquet`, { headers: { Range: range } });
    vi.stubGlobal('fetch', async () => partOf('234', 'bytes 2-4/10'));
    expect(await (await ask('bytes=2-4')).text()).toBe('234');
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no connection')));
    const part = await ask('bytes=2-4');
    expect([part.status, await part.text()]).toEqual([206, '234']);
    await expect(ask('bytes=5-9')).rejects.toThrow('this part of rows.parquet is not kept in this browser');
    await kept.keep('rows.parquet', bytesOf('0123456789'));
    const whole = await ask('bytes=5-9');
    expect([whole.status, await whole.text()]).toEqual([200, '0123456789']);
  });

  test('are read by parts, none of which is of another deployment', async () => {
    const storage = createStorage();
    const { kept } = await visit(createHost({ 'rows.parquet': '0123456789' }), storage, []);
    const ask = () => kept.fetchPart(`${BASE}rows.parquet`, { headers: { Range: 'bytes=2-4' } });
    const refusal = 'another model is deployed now: load the page again';
    const others = [
      partOf('abc', 'bytes 2-4/11'),
      new Response('abcdefghijk'),
      new Response('', { status: 416, headers: { 'Content-Range': 'bytes */2' } }),
    ];
    for (const other of others) {
      vi.stubGlobal('fetch', async () => other);
      await expect(ask()).rejects.toThrow(refusal);
    }
    vi.stubGlobal('fetch', async () => partOf('234', 'bytes 2-4/10', '"one"'));
    expect(await (await ask()).text()).toBe('234');
    vi.stubGlobal('fetch', async () => partOf('abc', 'bytes 2-4/10', '"other"'));
    await expect(ask()).rejects.toThrow(refusal);
    vi.stubGlobal('fetch', async () => partOf('234', 'bytes 2-4/10', 'W/"one"'));
    expect(await (await ask()).text()).toBe('234');
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no connection')));
    expect(await (await ask()).text()).toBe('234');
  });

  test('are read ahead up to 64 MiB, and one that is too large keeps none after it away', async () => {
    const kept = new KeptFiles(BASE, createStorage(), createHost({}).source);
    const bytes = { 'scorer.onnx': 40, 'decoder.onnx': 65, 'sprites-0.webp': 20, 'sprites-1.webp': 20 };
    kept.list({
      files: Object.entries(bytes).map(([name, mib]) => ({ name, bytes: mib * 2 ** 20, sha256: name })),
    });
    const read: string[] = [];
    await kept.keepOthers(async (name) => {
      read.push(name);
      return bytesOf('');
    });
    expect(read).toEqual(['scorer.onnx', 'sprites-0.webp']);
  });

  test('are read by parts, of which one that breaks off is as good as none, and one that is given up is no fault', async () => {
    const { kept } = await visit(createHost({ 'rows.parquet': '0123456789' }), createStorage(), []);
    const ask = (signal?: AbortSignal) =>
      kept.fetchPart(`${BASE}rows.parquet`, { headers: { Range: 'bytes=2-4' }, signal: signal ?? null });
    const broken = () => new ReadableStream({ pull: () => Promise.reject(new TypeError('network error')) });
    vi.stubGlobal('fetch', async () => new Response(broken(), { status: 206 }));
    await expect(ask()).rejects.toThrow('this part of rows.parquet is not kept in this browser');
    vi.stubGlobal('fetch', async (_: string, { signal }: RequestInit) => signal?.throwIfAborted());
    await expect(ask(AbortSignal.abort())).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    vi.stubGlobal('fetch', async () => partOf('234', 'bytes 2-4/10'));
    expect(await (await ask()).text()).toBe('234');
  });

  test('are read where the storage fails once they are to be kept', async () => {
    const storage = createStorage();
    const failing: KeptStorage = {
      open: async (name) => ({
        ...(await storage.open(name)),
        keys: () => Promise.reject(new Error('failed')),
      }),
    };
    const host = createHost({ 'map.parquet': 'a map' });
    const kept = new KeptFiles(BASE, failing, host.source);
    const unhandled = vi.fn();
    process.on('unhandledRejection', unhandled);
    const manifest = manifestOf(JSON.parse(textOf(await kept.source('manifest.json'))));
    const bundle = keeping({ manifest, file: host.source, json: host.source }, kept, Promise.resolve());
    expect(textOf(await bundle.file('map.parquet'))).toBe('a map');
    await new Promise((done) => setTimeout(done));
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });

  test('are read as ever where the browser has no storage', async () => {
    const host = createHost({ 'map.parquet': 'a map' });
    const kept = new KeptFiles(BASE, undefined, host.source);
    kept.list(manifestOf(JSON.parse(textOf(await kept.source('manifest.json')))));
    await kept.begin();
    expect(textOf(await kept.source('map.parquet'))).toBe('a map');
    await kept.keep('map.parquet', bytesOf('a map'));
    host.connected = false;
    await expect(kept.source('map.parquet')).rejects.toThrow('no connection');
  });
});
