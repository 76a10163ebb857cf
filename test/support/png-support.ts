import { crc32, deflateSync } from 'node:zlib';

/** The header and the colours of a PNG. */
export interface PngShape {
  width: number;
  height: number;
  depth: number;
  colour: number;
  interlaced?: boolean;
  palette?: Uint8Array;
  transparency?: Uint8Array;
}

const CHANNELS: Record<number, number> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const ADAM7 = ['0 0 8 8', '4 0 8 8', '0 4 4 8', '2 0 4 4', '0 2 2 4', '1 0 2 2', '0 1 1 2'];

/** The bytes of each scanline including its filter byte, pass after pass. */
export function lineLengths({ width, height, depth, colour, interlaced }: PngShape): number[] {
  return (interlaced ? ADAM7 : ['0 0 1 1']).flatMap((pass) => {
    const [x, y, dx, dy] = pass.split(' ').map(Number) as [number, number, number, number];
    const [columns, rows] = [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)];
    const length = 1 + Math.ceil((columns * CHANNELS[colour]! * depth) / 8);
    return columns > 0 && rows > 0 ? new Array<number>(rows).fill(length) : [];
  });
}

/** Encodes a PNG from scanlines, filtered or not, as they are. */
export function pngOf(shape: PngShape, lines: Uint8Array): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, shape.width);
  view.setUint32(4, shape.height);
  header.set([shape.depth, shape.colour, 0, 0, shape.interlaced ? 1 : 0], 8);
  return joined([
    SIGNATURE,
    chunk('IHDR', header),
    ...(shape.palette ? [chunk('PLTE', shape.palette)] : []),
    ...(shape.transparency ? [chunk('tRNS', shape.transparency)] : []),
    chunk('IDAT', deflateSync(lines)),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

export const SIGNATURE = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);

export function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = joined([new TextEncoder().encode(type), data]);
  const bytes = new Uint8Array(body.length + 8);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  return bytes;
}

export function joined(parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
