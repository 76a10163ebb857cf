import { shorten } from './names.ts';
import { Problem } from './problem.ts';

/** A body that is announced to be no longer than this is read at once, which is faster, and whatever others take. */
const SHORT = 2 ** 16;

/** What is reserved for a body at first: what is announced need not come. */
const FIRST = 2 ** 12;

/** What a body may be. */
export interface BodyLimits {
  readonly bytes: number;
  /** Until all of it is there. */
  readonly seconds: number;
  /** What all longer bodies under way may take together, in bytes. One that is alone is read anyway. */
  readonly memory: number;
}

/** Bytes of memory that longer bodies under way take together. */
let taken = 0;

/** The part of one body. */
class Memory {
  readonly #limit: number;
  #own = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Throws a {@link Problem} if the other bodies leave too little. */
  take(bytes: number): void {
    const others = taken - this.#own;
    if (others > 0 && others + bytes > this.#limit) {
      const detail =
        'the bodies of other requests take all the memory that there is for them: try again later';
      throw new Problem('overloaded', detail, { 'Retry-After': '1' });
    }
    taken = others + bytes;
    this.#own = bytes;
  }

  free(): void {
    taken -= this.#own;
    this.#own = 0;
  }
}

/**
 * Reads the body of a request. Checks the Content-Length before reading, and the real length while reading. Throws a
 * {@link Problem} if the body is empty, too large or too slow, breaks off, or finds no memory.
 */
export async function readBody(
  request: Request,
  { bytes: limit, seconds, memory: shared }: BodyLimits,
  type: string,
): Promise<Uint8Array> {
  const tooLarge = () =>
    new Problem('body-too-large', `the body is larger than ${limit} bytes, the most for ${type}`);
  const encoding = request.headers.get('Content-Encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity') {
    const detail = `${shorten(encoding)} is not supported: send the body uncompressed`;
    throw new Problem('unsupported-media-type', [{ header: 'Content-Encoding', detail }]);
  }
  const announced = Number(request.headers.get('Content-Length'));
  if (announced > limit) throw tooLarge();
  const short = announced > 0 && announced <= SHORT;
  const memory = new Memory(shared);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const detail = `the body did not arrive within ${seconds} seconds: send it faster, or fewer samples at a time`;
    late.reject(new Problem('body-too-slow', detail));
  }, 1000 * seconds);
  const reading = short
    ? readWhole(request)
    : readParts(request, limit, tooLarge, memory, late.promise).finally(() => memory.free());
  const bytes = await Promise.race([reading, late.promise])
    .catch((error) => {
      if (error instanceof Problem || error instanceof RangeError) throw error;
      throw new Problem('invalid-body', 'the upload broke off before its end');
    })
    .finally(() => clearTimeout(timer));
  if (bytes.length > limit) throw tooLarge();
  if (bytes.length === 0) throw new Problem('invalid-body', `the body is empty, expected ${type}`);
  return bytes;
}

const readWhole = async (request: Request) => new Uint8Array(await request.arrayBuffer());

/** Reads a body part by part, into memory that grows with what has come. Stops reading if it is `late`. */
async function readParts(
  { body }: Request,
  limit: number,
  tooLarge: () => Problem,
  memory: Memory,
  late: Promise<never>,
): Promise<Uint8Array> {
  if (!body) return new Uint8Array(0);
  memory.take(FIRST);
  const reader = body.getReader();
  late.catch((problem) => reader.cancel(problem).catch(() => {}));
  let bytes = new Uint8Array(Math.min(FIRST, limit));
  let length = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    const part = read.value;
    if (length + part.length > limit) {
      await reader.cancel();
      throw tooLarge();
    }
    if (length + part.length > bytes.length) {
      const size = Math.min(Math.max(2 * bytes.length, length + part.length), limit);
      try {
        memory.take(size);
      } catch (problem) {
        await reader.cancel();
        throw problem;
      }
      bytes = new Uint8Array(bytes.buffer.transfer(size));
    }
    bytes.set(part, length);
    length += part.length;
  }
  return bytes.subarray(0, length);
}
