import { Problem } from '../http/problem.ts';

/** A body as text, without a byte order mark. Throws a {@link Problem} if it is not UTF-8. */
export function textOf(body: Uint8Array, kind: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body);
  } catch {
    throw new Problem('invalid-body', [
      { pointer: '#', detail: `the body is not UTF-8, as ${kind} has to be` },
    ]);
  }
}
