import { BundleError, ConnectionError } from '../../bundle/error.ts';
import { decodeJson, type FileSource, httpSource, type Opened } from '../../bundle/files.ts';
import { FRAMES_FILE } from '../../bundle/frames-file.ts';
import type { AnyManifest } from '../../bundle/map-bundle.ts';
import { MODELS_FOLDER, modelFolder } from '../../bundle/models.ts';

/** What a manifest says of its files. */
type Listed = Pick<AnyManifest, 'files'>;

/** What is used of the browser's storage, and of what it keeps under a name. */
export interface KeptStorage {
  open(name: string): Promise<Kept>;
}

interface Kept {
  match(address: string): Promise<Response | undefined>;
  put(address: string, response: Response): Promise<void>;
  keys(): Promise<readonly { url: string }[]>;
  delete(address: string): Promise<boolean>;
}

/** The most that is kept of a bundle without being looked at, in bytes. */
const MOST_BYTES = 64 * 2 ** 20;

/** What is kept first, as other views need it; thumbnails, which are many, come last. */
const FIRST = ['report.json', 'scorer.onnx', 'codes.bin', 'decoder.onnx'];

/**
 * The files of a bundle that this browser keeps, for when there is no connection: by their SHA-256, so that the files of
 * another model are never taken for those of this one. While there is a connection, they are not used. Where the browser
 * has no storage, as on a page without https, nothing is kept.
 */
export class KeptFiles {
  readonly #base: string;
  readonly #cache: Promise<Kept | undefined>;
  readonly #network: FileSource;
  #manifestBytes = new Uint8Array();
  /** The version of each file of which parts were read, as its host calls it. */
  readonly #versions = new Map<string, string>();
  #list = (_: Listed) => {};
  /** The manifest, once it is known. */
  readonly #manifest = new Promise<Listed>((found) => {
    this.#list = found;
  });
  /** Whether the manifest is one that was kept. */
  offline = false;

  /** `base`: the bundle's address, which ends in `/`. */
  constructor(
    base: string,
    storage: KeptStorage | undefined = globalThis.caches,
    network = httpSource(base),
  ) {
    this.#base = base;
    this.#network = network;
    this.#cache = openCache(storage, cacheName(base));
  }

  /** Reads from the network or, without a connection, what is kept. Throws a {@link BundleError} if there is neither. */
  readonly source: FileSource = async (name) => {
    try {
      const bytes = await this.#network(name);
      if (name === MANIFEST) this.#manifestBytes = bytes.slice();
      return bytes;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      const address = name === MANIFEST ? this.#base + name : this.#addressOf(name, await this.#manifest);
      const kept = await this.#find(address);
      if (!kept) throw new BundleError(`${error.message}, and this browser keeps no copy of it`);
      if (name === MANIFEST) this.offline = true;
      return kept;
    }
  };

  /** Names the manifest by which files are found. */
  list(manifest: Listed): void {
    this.#list(manifest);
  }

  /** Begins to keep files. If the manifest came over the network, files that are not in it are dropped. */
  async begin(): Promise<void> {
    const manifest = await this.#manifest;
    if (this.offline) return;
    await this.#put(this.#base + MANIFEST, this.#manifestBytes);
    const wanted = new Set(manifest.files.map(({ sha256 }) => sha256));
    const cache = await this.#cache;
    for (const { url } of (await cache?.keys()) ?? []) {
      const hash = new URL(url).searchParams.get('sha256');
      if (hash !== null && !wanted.has(hash)) await cache?.delete(url);
    }
  }

  /** Keeps a file that has been checked against the manifest. */
  async keep(name: string, bytes: Uint8Array): Promise<void> {
    await this.#put(this.#addressOf(name, await this.#manifest), bytes);
  }

  /** Reads what other views need, and keeps it. Stops at the first file that cannot be read, and where the user saves data. */
  async keepOthers(read: FileSource): Promise<void> {
    const cache = await this.#cache;
    if (!cache || this.offline || savesData()) return;
    const { files } = await this.#manifest;
    const rank = ({ name }: { name: string }) => (FIRST.includes(name) ? FIRST.indexOf(name) : FIRST.length);
    let total = 0;
    // Frames are for those who replay the map.
    const others = files.filter(({ name }) => name !== FRAMES_FILE);
    for (const file of others.toSorted((a, b) => rank(a) - rank(b) || a.bytes - b.bytes)) {
      if (total + file.bytes > MOST_BYTES) continue;
      total += file.bytes;
      if (!(await this.#find(this.#addressOf(file.name, await this.#manifest)))) await read(file.name);
    }
  }

  /**
   * Fetches a part of a file and keeps it; without a connection, returns the same part if it is kept. Throws a
   * {@link BundleError} if the host has another version of the file by now.
   */
  readonly fetchPart: typeof fetch = async (input, init) => {
    const name = new URL(String(input)).pathname.split('/').at(-1)!;
    const range = new Headers(init?.headers).get('Range') ?? '';
    const whole = this.#addressOf(name, await this.#manifest);
    const part = `${whole}&${encodeURIComponent(range)}`;
    const answer = await readWhole(input, init);
    if (answer) {
      this.#refuseOther(name, await this.#manifest, answer);
      const { status, bytes } = answer;
      if (status === 206) void this.#put(part, bytes);
      return new Response(bytes, { status });
    }
    for (const [address, kind] of [
      [part, 206],
      [whole, 200],
    ] as const) {
      const kept = await this.#find(address);
      if (kept) return new Response(kept as Uint8Array<ArrayBuffer>, { status: kind });
    }
    throw new BundleError(`this part of ${name} is not kept in this browser`);
  };

  /** Refuses a part or the whole of a file that is not the one of the manifest, or that it ends before the part. */
  #refuseOther(name: string, { files }: Listed, { status, headers, bytes }: Answer): void {
    if (![200, 206, 416].includes(status)) return;
    const total = status === 200 ? bytes.length : Number(headers.get('Content-Range')?.split('/')[1]);
    // A weak tag is that of the same version, compressed.
    const version = headers.get('ETag')?.replace(/^W\//, '') ?? '';
    const known = this.#versions.get(name) ?? version;
    if (total !== files.find((file) => file.name === name)?.bytes || version !== known) {
      throw new BundleError('another model is deployed now: load the page again');
    }
    this.#versions.set(name, known);
  }

  #addressOf(name: string, { files }: Listed): string {
    const { sha256 = '' } = files.find((file) => file.name === name) ?? {};
    return `${this.#base}${name}?sha256=${sha256}`;
  }

  async #find(address: string): Promise<Uint8Array | undefined> {
    const response = await (await this.#cache)?.match(address);
    return response && new Uint8Array(await response.arrayBuffer());
  }

  async #put(address: string, bytes: Uint8Array): Promise<void> {
    try {
      await (await this.#cache)?.put(address, new Response(bytes as Uint8Array<ArrayBuffer>));
    } catch {
      // The storage is full: what is kept already stays.
    }
  }
}

/** The same bundle, each file of which is kept once it has been read and checked, from the moment `painted` on. */
export function keeping<B extends Opened<Listed>>(bundle: B, kept: KeptFiles, painted: Promise<void>): B {
  kept.list(bundle.manifest);
  // Where the browser's storage fails, files are read as ever.
  const begun = painted.then(() => kept.begin()).catch(() => undefined);
  const file = async (name: string) => {
    const bytes = await bundle.file(name);
    // A copy: the bytes may move to the page.
    const copy = bytes.slice();
    void begun.then(() => kept.keep(name, copy));
    return bytes;
  };
  return { ...bundle, file, json: async (name: string) => decodeJson(await file(name), name) };
}

/** Removes what is kept of models that a site no longer has, except for its first model: all others have folders of their own. */
export async function dropModels(
  site: string,
  names: readonly string[],
  storage: Pick<CacheStorage, 'keys' | 'delete'> | undefined = globalThis.caches,
): Promise<void> {
  const nameOf = (folder: string) => cacheName(new URL(folder, site).href);
  const wanted = new Set(names.slice(1).map((name) => nameOf(modelFolder(name, false))));
  // Where the browser refuses its storage, nothing is kept.
  const found = (await storage?.keys().catch(() => undefined)) ?? [];
  const gone = found.filter((name) => name.startsWith(nameOf(MODELS_FOLDER)) && !wanted.has(name));
  await Promise.all(gone.map((name) => storage?.delete(name)));
}

interface Answer {
  status: number;
  headers: Headers;
  bytes: Uint8Array<ArrayBuffer>;
}

/** An answer, read to its end; undefined if there is no connection, or if it broke off. */
async function readWhole(...request: Parameters<typeof fetch>): Promise<Answer | undefined> {
  try {
    const response = await fetch(...request);
    const { status, headers } = response;
    return { status, headers, bytes: new Uint8Array(await response.arrayBuffer()) };
  } catch (error) {
    // Whoever asked no longer wants an answer.
    if (request[1]?.signal?.aborted) throw error;
    return undefined;
  }
}

const MANIFEST = 'manifest.json';

/** The name under which the browser keeps the bundle at an address. */
const cacheName = (base: string): string => `offmanifold-bundle ${base}`;

/** Undefined where the browser has no storage, or refuses it. */
const openCache = async (storage: KeptStorage | undefined, name: string): Promise<Kept | undefined> =>
  storage?.open(name).catch(() => undefined);

const savesData = (): boolean =>
  (globalThis.navigator as { connection?: { saveData?: boolean } } | undefined)?.connection?.saveData ===
  true;
