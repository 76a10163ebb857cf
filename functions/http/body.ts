import { Problem } from './problem.ts';

/** A body that is announced to be no longer than this is read at once, which is faster. */
const SHORT = 2 ** 16;

/** What is reserved for a body at first: what is announced need not come. */
const FIRST = 2 ** 16;

/**
 * Reads the body of a request, at most `limit` bytes. Checks the Content-Length before reading, and the real length
 * while reading. Throws a {@link Problem} if the body is empty or too large.
 */
export async function readBody(request: Request, limit: number, type: string): Promise<Uint8Array> {
  const tooLarge = () => new Problem('body-too-large', `${type}: expected at most ${limit} bytes`);
  const encoding = request.headers.get('Content-Encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') {
    const detail = `${encoding} is not supported: send the body uncompressed`;
    throw new Problem('unsupported-media-type', [{ header: 'Content-Encoding', detail }]);
  }
  const announced = Number(request.headers.get('Content-Length'));
  if (announced > limit) throw tooLarge();
  const short = announced > 0 && announced <= SHORT;
  const bytes = await (short ? readWhole(request) : readParts(request, limit, tooLarge)).catch((error) => {
    if (error instanceof Problem || error instanceof RangeError) throw error;
    throw new Problem('invalid-body', 'the upload broke off before its end');
  });
  if (bytes.length > limit) throw tooLarge();
  if (bytes.length === 0) throw new Problem('invalid-body', `the body is empty, expected ${type}`);
  return bytes;
}

const readWhole = async (request: Request) => new Uint8Array(await request.arrayBuffer());

/** Reads a body part by part, into memory that grows with what has come. */
async function readParts(request: Request, limit: number, tooLarge: () => Problem): Promise<Uint8Array> {
  let bytes = new Uint8Array(Math.min(FIRST, limit));
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
  return bytes.subarray(0, length);
}
