import { Problem } from '../http/problem.ts';

/** Decodes a body as UTF-8, without a byte order mark. Throws a {@link Problem} if it is not UTF-8. */
export function decodeText(body: Uint8Array, format: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    throw new Problem('invalid-body', [
      { pointer: '#', detail: `the body is not UTF-8, which ${format} requires` },
    ]);
  }
}
