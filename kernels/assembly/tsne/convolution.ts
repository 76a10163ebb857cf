import { fft } from './fft';

// The convolution of a grid of m × m or m × m × m floats with a kernel that is even along all axes, by Fourier transforms over
// n = 2m lines, so that nothing wraps around: see tsne/gradient-interpolation.ts. A spectrum has n / 8 + 1 blocks of four columns; a
// block has all `count` rows, m or m × m, of four real parts and four imaginary ones.

/** Transforms eight rows from `first` on, which are in `rows`, into the spectrum. `work` has 2n × 32 bytes. */
export function transformRows(
  rows: usize,
  stride: i32,
  first: i32,
  count: i32,
  n: i32,
  twiddles: usize,
  work: usize,
  spectrum: usize,
): void {
  const m = n / 2;
  const bytes = <usize>stride << 2;
  // Two rows make one complex signal, eight rows four of them.
  let x = work;
  for (let c = 0; c < m; c += 4, x += 128) {
    const at = rows + (<usize>c << 2);
    transpose(at, 2 * bytes, x, 32);
    transpose(at + bytes, 2 * bytes, x + 16, 32);
  }
  memory.fill(x, 0, <usize>(n - m) << 5);
  const z = fft(work, work + (<usize>n << 5), n, twiddles);
  const other = z == work ? work + (<usize>n << 5) : work;
  // The even row's spectrum is (Z_k + conj Z_n−k) / 2, the odd one's that of (Z_k − conj Z_n−k) / 2i; the half is in the
  // kernel. For each block: the even rows' real parts, their imaginary parts, then the odd rows'.
  const blocks = m / 4 + 1;
  const size = <usize>count << 5;
  for (let b = 0; b < blocks; b++) {
    for (let j = 0; j < 4; j++) {
      const k = 4 * b + j;
      const to = other + (<usize>j << 4);
      if (k > m) {
        const zero = f32x4.splat(0);
        v128.store(to, zero);
        v128.store(to, zero, 64);
        v128.store(to, zero, 128);
        v128.store(to, zero, 192);
        continue;
      }
      const p = z + (<usize>k << 5);
      const q = z + ((<usize>(k == 0 ? 0 : n - k)) << 5);
      const pr = v128.load(p);
      const pi = v128.load(p, 16);
      const qr = v128.load(q);
      const qi = v128.load(q, 16);
      v128.store(to, f32x4.add(pr, qr));
      v128.store(to, f32x4.sub(pi, qi), 64);
      v128.store(to, f32x4.add(pi, qi), 128);
      v128.store(to, f32x4.sub(qr, pr), 192);
    }
    const at = spectrum + <usize>b * size + (<usize>first << 5);
    transpose(other, 16, at, 64);
    transpose(other + 64, 16, at + 16, 64);
    transpose(other + 128, 16, at + 32, 64);
    transpose(other + 192, 16, at + 48, 64);
  }
}

/** Multiplies a block of four columns by the kernel's transform, n rows of four floats, in the frequencies of the rows. */
export function convolveColumns(
  block: usize,
  n: i32,
  twiddles: usize,
  work: usize,
  kernel: usize,
): void {
  storeExchanged(convolveLine(block, n, twiddles, work, kernel), n / 2, block);
}

/**
 * The same for a block of m planes of m rows. The kernel's transform has n frequencies of the planes for each of m + 1 of
 * the rows, which the others mirror. `work` has 2n × 32 bytes, and (m + 2) × n × 32 more.
 */
export function convolveColumns3(
  block: usize,
  n: i32,
  twiddles: usize,
  work: usize,
  kernel: usize,
): void {
  const m = n / 2;
  const bytes = <usize>m << 5;
  const half = <usize>n << 5;
  // The planes' numbers for each frequency of the rows. A pitch that is not a power of two spares the cache.
  const turned = work + 2 * half;
  const pitch = bytes + 64;
  const planes = block + <usize>m * bytes;
  for (let plane = block, to = turned; plane < planes; plane += bytes, to += 32) {
    const y = transformPadded(plane, n, twiddles, work);
    for (let p: usize = 0, at = to; p < half; p += 32, at += pitch) copyNumber(y + p, at);
  }
  const size = <usize>n << 4;
  for (let l = 0; l < n; l++) {
    const at = turned + <usize>l * pitch;
    memory.copy(at, convolveLine(at, n, twiddles, work, kernel + <usize>min(l, n - l) * size), bytes);
  }
  for (let plane = block, from = turned; plane < planes; plane += bytes, from += 32) {
    for (let p: usize = 0, at = from; p < half; p += 32, at += pitch) copyNumber(at, work + p);
    storeExchanged(fft(work, work + half, n, twiddles), m, plane);
  }
}

/** Transforms m numbers and as many zeros; returns where the result is in `work`. */
@inline
function transformPadded(from: usize, n: i32, twiddles: usize, work: usize): usize {
  const bytes = <usize>(n / 2) << 5;
  memory.copy(work, from, bytes);
  memory.fill(work + bytes, 0, bytes);
  return fft(work, work + (<usize>n << 5), n, twiddles);
}

/** Convolves m numbers along one axis: returns where the result is in `work`, with real and imaginary parts exchanged. */
function convolveLine(from: usize, n: i32, twiddles: usize, work: usize, kernel: usize): usize {
  const half = <usize>n << 5;
  const z = transformPadded(from, n, twiddles, work);
  // With real and imaginary parts exchanged before and after, the transform is its inverse.
  for (let p = z, end = z + half; p < end; p += 32, kernel += 16) {
    const k = v128.load(kernel);
    const re = f32x4.mul(k, v128.load(p));
    v128.store(p, f32x4.mul(k, v128.load(p, 16)));
    v128.store(p, re, 16);
  }
  return fft(z, z == work ? work + half : work, n, twiddles);
}

@inline
function storeExchanged(from: usize, count: i32, to: usize): void {
  for (const end = to + (<usize>count << 5); to < end; to += 32, from += 32) {
    v128.store(to, v128.load(from, 16));
    v128.store(to, v128.load(from), 16);
  }
}

@inline
function copyNumber(from: usize, to: usize): void {
  v128.store(to, v128.load(from));
  v128.store(to, v128.load(from, 16), 16);
}

/** Transforms eight rows of the spectrum from `first` on back, into the field. */
export function restoreRows(
  spectrum: usize,
  first: i32,
  count: i32,
  n: i32,
  twiddles: usize,
  work: usize,
  field: usize,
  stride: i32,
): void {
  const m = n / 2;
  const blocks = m / 4 + 1;
  const size = <usize>count << 5;
  const half = <usize>n << 5;
  const other = work + half;
  for (let b = 0; b < blocks; b++) {
    const at = spectrum + <usize>b * size + (<usize>first << 5);
    transpose(at, 64, other, 16);
    transpose(at + 16, 64, other + 64, 16);
    transpose(at + 32, 64, other + 128, 16);
    transpose(at + 48, 64, other + 192, 16);
    for (let j = 0; j < 4; j++) {
      const k = 4 * b + j;
      if (k > m) break;
      const from = other + (<usize>j << 4);
      const ar = v128.load(from);
      const ai = v128.load(from, 64);
      const br = v128.load(from, 128);
      const bi = v128.load(from, 192);
      // Z_k = A_k + i B_k and Z_n−k = conj A_k + i conj B_k, with real and imaginary parts exchanged.
      const p = work + (<usize>k << 5);
      v128.store(p, f32x4.add(ai, br));
      v128.store(p, f32x4.sub(ar, bi), 16);
      if (k == 0 || k == m) continue;
      const q = work + ((<usize>(n - k)) << 5);
      v128.store(q, f32x4.sub(br, ai));
      v128.store(q, f32x4.add(ar, bi), 16);
    }
  }
  const y = fft(work, other, n, twiddles);
  const bytes = <usize>stride << 2;
  let x = y;
  for (let c = 0; c < m; c += 4, x += 128) {
    const at = field + <usize>first * bytes + (<usize>c << 2);
    transpose(x + 16, 32, at, 2 * bytes);
    transpose(x, 32, at + bytes, 2 * bytes);
  }
}

/** Four rows of four floats, `step` bytes apart, become four columns, `stride` bytes apart. */
@inline
function transpose(from: usize, step: usize, to: usize, stride: usize): void {
  const a = v128.load(from);
  const b = v128.load(from + step);
  const c = v128.load(from + 2 * step);
  const d = v128.load(from + 3 * step);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f64>(ab, cd, 0, 2));
  v128.store(to + stride, v128.shuffle<f64>(ab, cd, 1, 3));
  v128.store(to + 2 * stride, v128.shuffle<f64>(ef, gh, 0, 2));
  v128.store(to + 3 * stride, v128.shuffle<f64>(ef, gh, 1, 3));
}
