import { Problem } from './problem.ts';

/**
 * Reads a request's body, of at most `limit` bytes: refused by its Content-Length before it is read, and
 * by its real length while it is. Throws a {@link Problem} if it is empty or too large.
 */
export async function readBody(request: Request, limit: number, type: string): Promise<Uint8Array> {
  const tooLarge = () =>
    new Problem(
      'body-too-large',
      `the body is larger than ${limit} bytes, the most of ${type} that is accepted`,
    );
  const encoding = request.headers.get('Content-Encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') {
    const detail = `${encoding} is not accepted: send the body as it is, uncompressed`;
    throw new Problem('unsupported-media-type', [{ header: 'Content-Encoding', detail }]);
  }
  const told = Number(request.headers.get('Content-Length'));
  if (told > limit) throw tooLarge();
  let bytes = new Uint8Array(Math.max(told, 0));
  let length = 0;
  for await (const part of request.body ?? []) {
    if (length + part.length > limit) throw tooLarge();
    if (length + part.length > bytes.length) {
      const size = Math.min(Math.max(2 * bytes.length, length + part.length), limit);
      bytes = new Uint8Array(bytes.buffer.transfer(size));
    }
    bytes.set(part, length);
    length += part.length;
  }
  if (length === 0) throw new Problem('invalid-body', `the body is empty, ${type} expected`);
  return bytes.subarray(0, length);
}
