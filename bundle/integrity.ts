import { BundleError } from './error.ts';

/** What a manifest says that it is. */
export const FORMAT = 'offmanifold-bundle';

/** The version of the bundle format that this code writes, and the newest that it reads. */
export const FORMAT_VERSION = 3;

/** The same for a map without a model. */
export const MAP_FORMAT = 'offmanifold-map';
export const MAP_VERSION = 1;

/** SHA-256 as 64 hexadecimal digits, by the platform's WebCrypto. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  if (typeof crypto === 'undefined' || !crypto.subtle) {
    throw new BundleError(
      'the bundle cannot be checked without WebCrypto: open this page over https or from localhost',
    );
  }
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** JSON with sorted keys, so that equal values give equal bytes. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, v) =>
    v && typeof v === 'object' && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)))
      : v,
  );
}

/**
 * Computes the id of a model: SHA-256 of the manifest in canonical JSON, without `model_id` and `run`. The manifest
 * contains the SHA-256 of every file, so two bundles with the same id have the same bytes.
 */
export function modelId(manifest: object): Promise<string> {
  const { model_id: _id, run: _run, ...identity } = manifest as { model_id?: unknown; run?: unknown };
  return sha256Hex(new TextEncoder().encode(canonicalJson(identity)));
}

/**
 * Whether `manifest.json`, of a bundle or of a map without a model, has the current version, and is as it was written: its
 * id is the hash of the rest.
 */
export async function isIntact(json: unknown): Promise<boolean> {
  if (typeof json !== 'object' || json === null) return false;
  const { format, version, model_id }: { format?: unknown; version?: unknown; model_id?: unknown } = json;
  const current =
    (format === FORMAT && version === FORMAT_VERSION) || (format === MAP_FORMAT && version === MAP_VERSION);
  return current && (await modelId(json)) === model_id;
}

/** The files of a bundle, as its manifest lists them. */
interface Listed {
  name: string;
  files: readonly { name: string; bytes: number; sha256: string }[];
}

/** Checks one file's bytes against the manifest. Throws a {@link BundleError} that says how they differ. */
export async function verifyFile(manifest: Listed, name: string, bytes: Uint8Array): Promise<void> {
  const entry = manifest.files.find((file) => file.name === name);
  if (!entry) throw new BundleError(`${name} is not part of bundle ${manifest.name}`);
  if (bytes.length !== entry.bytes) {
    const how = bytes.length < entry.bytes ? 'truncated' : 'too long';
    throw new BundleError(`${name} is ${how}: ${bytes.length} bytes, but the manifest says ${entry.bytes}`);
  }
  if ((await sha256Hex(bytes)) !== entry.sha256) {
    throw new BundleError(`${name} is damaged: its SHA-256 is not the one in the manifest`);
  }
}
