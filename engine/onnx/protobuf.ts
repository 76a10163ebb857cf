import { EngineError } from './error.ts';

/** Reads the fields of a protocol buffers message (encoding of 2008, wire types 0, 1, 2 and 5). */
export class Fields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** The number of the field, and where its bytes begin and end, for a field with a length. */
  number = 0;
  #type = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Moves to the next field. Returns false at the end. */
  next(): boolean {
    if (this.#at >= this.#bytes.length) return false;
    const tag = this.#varint();
    this.number = tag >>> 3;
    this.#type = tag & 7;
    return true;
  }

  /** The whole number of the field; negative ones take ten bytes, and are exact to 2⁵³. */
  int(): number {
    if (this.#type !== 0) throw new EngineError('the model is damaged: a whole number is missing');
    return this.#varint();
  }

  float(): number {
    if (this.#type !== 5) throw new EngineError('the model is damaged: a number is missing');
    this.#at += 4;
    this.#assertWithin(this.#at);
    return this.#view.getFloat32(this.#at - 4, true);
  }

  bytes(): Uint8Array {
    if (this.#type !== 2) throw new EngineError('the model is damaged: a message is missing');
    const length = this.#varint();
    if (length < 0) throw new EngineError('the model is damaged: a length is negative');
    this.#at += length;
    this.#assertWithin(this.#at);
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  text(): string {
    return decoder.decode(this.bytes());
  }

  message(): Fields {
    return new Fields(this.bytes());
  }

  /** The numbers of a repeated field, whether they are packed or this is one of them. */
  ints(): number[] {
    if (this.#type !== 2) return [this.int()];
    const packed = this.message();
    const values: number[] = [];
    while (packed.#at < packed.#bytes.length) values.push(packed.#varint());
    return values;
  }

  floats(): number[] {
    if (this.#type !== 2) return [this.float()];
    const packed = this.message();
    const values: number[] = [];
    for (let at = 0; at + 4 <= packed.#bytes.length; at += 4) values.push(packed.#view.getFloat32(at, true));
    return values;
  }

  skip(): void {
    if (this.#type === 0) this.#varint();
    else if (this.#type === 1) this.#at += 8;
    else if (this.#type === 2) this.bytes();
    else if (this.#type === 5) this.#at += 4;
    else throw new EngineError(`the model is damaged: there is no wire type ${this.#type}`);
    this.#assertWithin(this.#at);
  }

  #varint(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      this.#assertWithin(this.#at + 1);
      const byte = this.#bytes[this.#at++]!;
      value += (byte & 127) * 2 ** shift;
      // A negative number is its two's complement of 64 bits.
      if (byte < 128) return value >= 2 ** 63 ? negative(this.#bytes, this.#at) : value;
    }
    throw new EngineError('the model is damaged: a number has too many digits');
  }

  #assertWithin(end: number): void {
    if (end > this.#bytes.length) throw new EngineError('the model is damaged: it ends in the middle');
  }
}

/** The negative number whose ten bytes end before `end`. */
function negative(bytes: Uint8Array, end: number): number {
  let value = 0n;
  for (let i = 0n; i < 10n; i++) value |= BigInt(bytes[end - 10 + Number(i)]! & 127) << (7n * i);
  return Number(BigInt.asIntN(64, value));
}

const decoder = new TextDecoder();
