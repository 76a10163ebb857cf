/**
 * Memory that threads can share. Where a browser has none to share, because the page is not isolated, there is one thread, and
 * ordinary memory does.
 */
export const sharedBuffer = (bytes: number): ArrayBuffer | SharedArrayBuffer =>
  typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);

export const int32 = (length: number) => new Int32Array(sharedBuffer(4 * length));
export const float32 = (length: number) => new Float32Array(sharedBuffer(4 * length));
export const float64 = (length: number) => new Float64Array(sharedBuffer(8 * length));

/** The values in memory that threads can share: a copy, unless they are there already. */
export function toShared<A extends Int32Array | Float32Array>(values: A): A {
  if (!(values.buffer instanceof ArrayBuffer)) return values;
  const shared = values instanceof Int32Array ? int32(values.length) : float32(values.length);
  shared.set(values);
  return shared as A;
}
