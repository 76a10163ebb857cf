// Rows of a row-major table chosen by index: see kernels/gather.ts.
//
// The rows lie anywhere in a table larger than the caches, and a core that converts one row after another
// waits for each from memory. So where there is something to convert the rows are taken in blocks: first a byte
// of every cache line of the block's rows is read, all of them on their way at once, then the rows, which are in
// the nearest cache by now, are converted.

/** Bytes of a block: a part of the nearest cache. */
const BLOCK: usize = 16384;
const LINE: usize = 64;

function rowsPerBlock(rowBytes: usize): i32 {
  return max(1, <i32>(BLOCK / rowBytes));
}

/** Where row `i` of those chosen begins. */
function rowStart(source: usize, rowBytes: usize, rows: usize, i: i32): usize {
  return source + <usize>load<u32>(rows + ((<usize>i) << 2)) * rowBytes;
}

/** Reads from each cache line of rows `from` to `to`. The sum goes to `target`, so that it is not left out. */
function touch(source: usize, rowBytes: usize, rows: usize, from: i32, to: i32, target: usize): void {
  let sum: i32 = 0;
  for (let i = from; i < to; i++) {
    const start = rowStart(source, rowBytes, rows, i);
    for (let j: usize = 0; j < rowBytes; j += LINE) sum += load<u8>(start + j);
    sum += load<u8>(start + rowBytes - 1);
  }
  store<i32>(target, sum);
}

/** u8, as f32 times a scale. */
export function gather(source: usize, columns: i32, rows: usize, n: i32, scale: f32, target: usize): void {
  const k = f32x4.splat(scale);
  const block = rowsPerBlock(columns);
  for (let i = 0; i < n; i++) {
    if (i % block == 0) touch(source, columns, rows, i, min(i + block, n), target);
    let from = rowStart(source, columns, rows, i);
    const end = from + columns;
    for (; from + 8 <= end; from += 8, target += 32) {
      const wide = v128.load8x8_u(from);
      v128.store(target, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_u(wide)), k));
      v128.store(target, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_u(wide)), k), 16);
    }
    for (; from < end; from += 1, target += 4) store<f32>(target, <f32>load<u8>(from) * scale);
  }
}

/** f32, as they are: whole rows are copied as fast without being touched first. */
export function gatherFloat(source: usize, columns: i32, rows: usize, n: i32, target: usize): void {
  const rowBytes = (<usize>columns) << 2;
  for (let i = 0; i < n; i++) {
    memory.copy(target, rowStart(source, rowBytes, rows, i), rowBytes);
    target += rowBytes;
  }
}

/** f32, less the column's mean, times the column's inverse standard deviation. */
export function gatherStandardised(
  source: usize,
  columns: i32,
  rows: usize,
  n: i32,
  mean: usize,
  inverseStd: usize,
  target: usize,
): void {
  const rowBytes = (<usize>columns) << 2;
  const wholeBytes = rowBytes & ~15;
  const block = rowsPerBlock(rowBytes);
  for (let i = 0; i < n; i++) {
    if (i % block == 0) touch(source, rowBytes, rows, i, min(i + block, n), target);
    const from = rowStart(source, rowBytes, rows, i);
    let j: usize = 0;
    for (; j < wholeBytes; j += 16) {
      const centred = f32x4.sub(v128.load(from + j), v128.load(mean + j));
      v128.store(target + j, f32x4.mul(centred, v128.load(inverseStd + j)));
    }
    for (; j < rowBytes; j += 4) {
      store<f32>(target + j, (load<f32>(from + j) - load<f32>(mean + j)) * load<f32>(inverseStd + j));
    }
    target += rowBytes;
  }
}
