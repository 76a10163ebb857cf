/**
 * Memory that threads can share. Where a browser has none to share, because the page is not isolated, there is one thread, and
 * ordinary memory does.
 */
export const sharedBuffer = (bytes: number): ArrayBuffer | SharedArrayBuffer =>
  typeof SharedArrayBuffer === 'undefined' ? new ArrayBuffer(bytes) : new SharedArrayBuffer(bytes);

export const int32 = (length: number) => new Int32Array(sharedBuffer(4 * length));
export const float32 = (length: number) => new Float32Array(sharedBuffer(4 * length));
export const float64 = (length: number) => new Float64Array(sharedBuffer(8 * length));
