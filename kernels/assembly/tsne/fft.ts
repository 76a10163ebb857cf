// Fourier transforms of four signals at once, one in each lane. A complex number of all four takes 32 bytes: four real
// parts, then four imaginary ones.

/**
 * The discrete Fourier transform, X_k = Σ_j x_j exp(−2πi jk / n), of n numbers at `x`, where n has no prime factor above
 * 5. Stockham's algorithm (Van Loan 1992, section 1.7): each pass goes from one of the two buffers, of n numbers each, to
 * the other, and no pass changes the order. `twiddles` has exp(−2πi j / n) as pairs of floats. Returns the buffer where
 * the result is.
 */
export function fft(x: usize, y: usize, n: i32, twiddles: usize): usize {
  let length = n;
  let stride = 1;
  while (length > 1) {
    let radix: i32;
    if (length % 4 == 0) {
      pass4(x, y, length / 4, stride, twiddles);
      radix = 4;
    } else if (length % 3 == 0) {
      pass3(x, y, length / 3, stride, twiddles);
      radix = 3;
    } else if (length % 5 == 0) {
      pass5(x, y, length / 5, stride, twiddles);
      radix = 5;
    } else {
      pass2(x, y, length / 2, stride, twiddles);
      radix = 2;
    }
    length /= radix;
    stride *= radix;
    const swapped = x;
    x = y;
    y = swapped;
  }
  return x;
}

function pass2(x: usize, y: usize, m: i32, stride: i32, twiddles: usize): void {
  const bytes = <usize>stride << 5;
  const half = <usize>m * bytes;
  for (let p = 0; p < m; p++) {
    const w = twiddles + ((<usize>(p * stride)) << 3);
    const wr = v128.load32_splat(w);
    const wi = v128.load32_splat(w, 4);
    for (const end = x + bytes; x < end; x += 32, y += 32) {
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const br = v128.load(x + half);
      const bi = v128.load(x + half, 16);
      v128.store(y, f32x4.add(ar, br));
      v128.store(y, f32x4.add(ai, bi), 16);
      storeProduct(y + bytes, f32x4.sub(ar, br), f32x4.sub(ai, bi), wr, wi);
    }
    y += bytes;
  }
}

function pass3(x: usize, y: usize, m: i32, stride: i32, twiddles: usize): void {
  const bytes = <usize>stride << 5;
  const third = <usize>m * bytes;
  const half = f32x4.splat(0.5);
  const sine = f32x4.splat(0.8660254037844386);
  for (let p = 0; p < m; p++) {
    const w1 = twiddles + ((<usize>(p * stride)) << 3);
    const w2 = twiddles + ((<usize>(2 * p * stride)) << 3);
    const w1r = v128.load32_splat(w1);
    const w1i = v128.load32_splat(w1, 4);
    const w2r = v128.load32_splat(w2);
    const w2i = v128.load32_splat(w2, 4);
    for (const end = x + bytes; x < end; x += 32, y += 32) {
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const br = v128.load(x + third);
      const bi = v128.load(x + third, 16);
      const cr = v128.load(x + 2 * third);
      const ci = v128.load(x + 2 * third, 16);
      const sr = f32x4.add(br, cr);
      const si = f32x4.add(bi, ci);
      const dr = f32x4.mul(sine, f32x4.sub(br, cr));
      const di = f32x4.mul(sine, f32x4.sub(bi, ci));
      const tr = f32x4.sub(ar, f32x4.mul(half, sr));
      const ti = f32x4.sub(ai, f32x4.mul(half, si));
      v128.store(y, f32x4.add(ar, sr));
      v128.store(y, f32x4.add(ai, si), 16);
      storeProduct(y + bytes, f32x4.add(tr, di), f32x4.sub(ti, dr), w1r, w1i);
      storeProduct(y + 2 * bytes, f32x4.sub(tr, di), f32x4.add(ti, dr), w2r, w2i);
    }
    y += 2 * bytes;
  }
}

function pass4(x: usize, y: usize, m: i32, stride: i32, twiddles: usize): void {
  const bytes = <usize>stride << 5;
  const quarter = <usize>m * bytes;
  for (let p = 0; p < m; p++) {
    const w1 = twiddles + ((<usize>(p * stride)) << 3);
    const w2 = twiddles + ((<usize>(2 * p * stride)) << 3);
    const w3 = twiddles + ((<usize>(3 * p * stride)) << 3);
    const w1r = v128.load32_splat(w1);
    const w1i = v128.load32_splat(w1, 4);
    const w2r = v128.load32_splat(w2);
    const w2i = v128.load32_splat(w2, 4);
    const w3r = v128.load32_splat(w3);
    const w3i = v128.load32_splat(w3, 4);
    for (const end = x + bytes; x < end; x += 32, y += 32) {
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const br = v128.load(x + quarter);
      const bi = v128.load(x + quarter, 16);
      const cr = v128.load(x + 2 * quarter);
      const ci = v128.load(x + 2 * quarter, 16);
      const dr = v128.load(x + 3 * quarter);
      const di = v128.load(x + 3 * quarter, 16);
      const acr = f32x4.add(ar, cr);
      const aci = f32x4.add(ai, ci);
      const bdr = f32x4.add(br, dr);
      const bdi = f32x4.add(bi, di);
      const er = f32x4.sub(ar, cr);
      const ei = f32x4.sub(ai, ci);
      const fr = f32x4.sub(br, dr);
      const fi = f32x4.sub(bi, di);
      v128.store(y, f32x4.add(acr, bdr));
      v128.store(y, f32x4.add(aci, bdi), 16);
      storeProduct(y + bytes, f32x4.add(er, fi), f32x4.sub(ei, fr), w1r, w1i);
      storeProduct(y + 2 * bytes, f32x4.sub(acr, bdr), f32x4.sub(aci, bdi), w2r, w2i);
      storeProduct(y + 3 * bytes, f32x4.sub(er, fi), f32x4.add(ei, fr), w3r, w3i);
    }
    y += 3 * bytes;
  }
}

function pass5(x: usize, y: usize, m: i32, stride: i32, twiddles: usize): void {
  const bytes = <usize>stride << 5;
  const fifth = <usize>m * bytes;
  const c1 = f32x4.splat(0.30901699437494745);
  const c2 = f32x4.splat(-0.8090169943749475);
  const s1 = f32x4.splat(0.9510565162951535);
  const s2 = f32x4.splat(0.5877852522924731);
  for (let p = 0; p < m; p++) {
    const w1 = twiddles + ((<usize>(p * stride)) << 3);
    const w2 = twiddles + ((<usize>(2 * p * stride)) << 3);
    const w3 = twiddles + ((<usize>(3 * p * stride)) << 3);
    const w4 = twiddles + ((<usize>(4 * p * stride)) << 3);
    for (const end = x + bytes; x < end; x += 32, y += 32) {
      const ar = v128.load(x);
      const ai = v128.load(x, 16);
      const br = v128.load(x + fifth);
      const bi = v128.load(x + fifth, 16);
      const cr = v128.load(x + 2 * fifth);
      const ci = v128.load(x + 2 * fifth, 16);
      const dr = v128.load(x + 3 * fifth);
      const di = v128.load(x + 3 * fifth, 16);
      const er = v128.load(x + 4 * fifth);
      const ei = v128.load(x + 4 * fifth, 16);
      const ber = f32x4.add(br, er);
      const bei = f32x4.add(bi, ei);
      const cdr = f32x4.add(cr, dr);
      const cdi = f32x4.add(ci, di);
      const fr = f32x4.sub(br, er);
      const fi = f32x4.sub(bi, ei);
      const gr = f32x4.sub(cr, dr);
      const gi = f32x4.sub(ci, di);
      v128.store(y, f32x4.add(ar, f32x4.add(ber, cdr)));
      v128.store(y, f32x4.add(ai, f32x4.add(bei, cdi)), 16);
      // The terms that X_k and X_5−k have alike, and those with another sign.
      const k1r = f32x4.add(ar, f32x4.add(f32x4.mul(c1, ber), f32x4.mul(c2, cdr)));
      const k1i = f32x4.add(ai, f32x4.add(f32x4.mul(c1, bei), f32x4.mul(c2, cdi)));
      const k2r = f32x4.add(ar, f32x4.add(f32x4.mul(c2, ber), f32x4.mul(c1, cdr)));
      const k2i = f32x4.add(ai, f32x4.add(f32x4.mul(c2, bei), f32x4.mul(c1, cdi)));
      const l1r = f32x4.add(f32x4.mul(s1, fr), f32x4.mul(s2, gr));
      const l1i = f32x4.add(f32x4.mul(s1, fi), f32x4.mul(s2, gi));
      const l2r = f32x4.sub(f32x4.mul(s2, fr), f32x4.mul(s1, gr));
      const l2i = f32x4.sub(f32x4.mul(s2, fi), f32x4.mul(s1, gi));
      storeTurned(y + bytes, f32x4.add(k1r, l1i), f32x4.sub(k1i, l1r), w1);
      storeTurned(y + 2 * bytes, f32x4.add(k2r, l2i), f32x4.sub(k2i, l2r), w2);
      storeTurned(y + 3 * bytes, f32x4.sub(k2r, l2i), f32x4.add(k2i, l2r), w3);
      storeTurned(y + 4 * bytes, f32x4.sub(k1r, l1i), f32x4.add(k1i, l1r), w4);
    }
    y += 4 * bytes;
  }
}

@inline
function storeTurned(y: usize, re: v128, im: v128, w: usize): void {
  storeProduct(y, re, im, v128.load32_splat(w), v128.load32_splat(w, 4));
}

@inline
function storeProduct(y: usize, re: v128, im: v128, wr: v128, wi: v128): void {
  v128.store(y, f32x4.sub(f32x4.mul(re, wr), f32x4.mul(im, wi)));
  v128.store(y, f32x4.add(f32x4.mul(re, wi), f32x4.mul(im, wr)), 16);
}
