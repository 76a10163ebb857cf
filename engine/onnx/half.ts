/** The numbers of half precision (IEEE 754 binary16, little-endian) in these bytes. */
export function decodeHalf(bytes: Uint8Array): Float32Array {
  const values = new Float32Array(bytes.length / 2);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < values.length; i++) {
    const half = bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
    const sign = (half & 0x8000) << 16;
    const rest = half & 0x7fff;
    if (rest >= 0x7c00) bits[i] = sign | 0x7f800000 | ((rest & 0x3ff) << 13);
    else if (rest >= 0x400) bits[i] = sign | ((rest << 13) + (112 << 23));
    else values[i] = (sign < 0 ? -1 : 1) * rest * 2 ** -24;
  }
  return values;
}
