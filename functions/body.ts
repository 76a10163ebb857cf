import { Problem } from './problem.ts';

/**
 * Reads a request's body, of at most `limit` bytes: refused by its Content-Length before it is read, and
 * by its real length while it is. Throws a {@link Problem} if it is empty or too large.
 */
export async function readBody(request: Request, limit: number, expected: string): Promise<Uint8Array> {
  const tooLarge = () =>
    new Problem('body-too-large', `the body is larger than ${limit} bytes, the most that is accepted`);
  const encoding = request.headers.get('Content-Encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') {
    const detail = `${encoding} is not accepted: send the body as it is, uncompressed`;
    throw new Problem('unsupported-media-type', [{ header: 'Content-Encoding', detail }]);
  }
  if (Number(request.headers.get('Content-Length')) > limit) throw tooLarge();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of request.body ?? []) {
    length += part.length;
    if (length > limit) throw tooLarge();
    parts.push(part);
  }
  if (length === 0) throw new Problem('invalid-body', `the body is empty, ${expected} expected`);
  return parts.length === 1 ? parts[0]! : joined(parts, length);
}

function joined(parts: Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
