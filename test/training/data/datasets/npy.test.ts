import { appendFile, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test as plain } from 'vitest';
import { formatNpyHeader, parseNpyHeader } from '../../../../bundle/npy/header.ts';
import { DataError } from '../../../../training/data/datasets/error.ts';
import { NpyFile } from '../../../../training/data/datasets/npy.ts';
import { NpyWriter } from '../../../../training/data/datasets/npy-writer.ts';
import { test, writeNpy } from '../temporary.ts';

/** The header that NumPy writes around a dictionary: padded with spaces, and a line feed at its end. */
function header(text: string, version = 1, total = 128): Uint8Array {
  const start = version === 1 ? 10 : 12;
  const bytes = Buffer.alloc(total, ' ');
  bytes.write(`\x93NUMPY${String.fromCharCode(version)}\x00`, 'latin1');
  if (version === 1) bytes.writeUInt16LE(total - start, 8);
  else bytes.writeUInt32LE(total - start, 8);
  bytes.write(text, start, 'latin1');
  bytes[total - 1] = 10;
  return bytes;
}

const dictionary = (descr: string, shape: string) =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;

/** All rows of a file, as numbers. */
async function readAll(path: string): Promise<number[]> {
  const file = await NpyFile.open(path);
  try {
    const target = file.allocate(file.count);
    await file.read(0, file.count, target, new ArrayBuffer(file.count * file.rowBytes));
    return Array.from(target);
  } finally {
    await file.close();
  }
}

/** The elements of an array in the order of a file, by their indices. */
function storeArray(
  shape: readonly number[],
  fortran: boolean,
  value: (...index: number[]) => number,
): Uint8Array {
  const count = shape.reduce((a, b) => a * b, 1);
  const axes = shape.map((_, axis) => (fortran ? axis : shape.length - 1 - axis));
  return Uint8Array.from({ length: count }, (_, at) => {
    const index: number[] = [];
    let rest = at;
    for (const axis of axes) {
      index[axis] = rest % shape[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return value(...index);
  });
}

for (const fortran of [false, true]) {
  test(`arrays ${fortran ? 'in Fortran order' : 'in C order'}, with the channels first or last`, async ({
    folder,
  }) => {
    const pixel = (i: number, y: number, x: number, c: number) => (31 * i + 7 * y + 3 * x + 101 * c) % 251;
    const last = storeArray([5, 4, 6, 3], fortran, pixel);
    const first = storeArray([5, 3, 4, 6], fortran, (i, c, y, x) => pixel(i, y, x, c));
    const expected = Array.from(storeArray([5, 4, 6, 3], false, pixel));
    for (const [name, shape, bytes] of [
      ['last', '(5, 4, 6, 3)', last],
      ['first', '(5, 3, 4, 6)', first],
    ] as const) {
      const path = join(folder, `${name}.npy`);
      const head = dictionary('|u1', shape).replace('False', fortran ? 'True' : 'False');
      await writeFile(path, Buffer.concat([header(head), bytes]));
      await using file = await NpyFile.open(path);
      expect(file.shape).toEqual([4, 6, 3]);
      expect(await readAll(path)).toEqual(expected);
      expect(Array.from(await file.readRows(Uint32Array.of(3, 1)))).toEqual([
        ...expected.slice(3 * 72, 4 * 72),
        ...expected.slice(72, 2 * 72),
      ]);
    }
  });
}

/** A file of one row with these elements. */
async function oneRow(folder: string, dtype: string, elements: Uint8Array, columns: number): Promise<string> {
  const path = join(folder, `${dtype.replace(/\W/g, '')}.npy`);
  await writeFile(path, Buffer.concat([header(dictionary(dtype, `(1, ${columns})`)), elements]));
  return path;
}

describe('the header', () => {
  // The bytes that NumPy 2.4 writes, from numpy.lib.format.write_array.
  const written = [
    [1, 'v\x00', '|u1', [2, 28, 28], `${dictionary('|u1', '(2, 28, 28)')}${' '.repeat(53)}`],
    [1, 'v\x00', '<f4', [70_000, 784], `${dictionary('<f4', '(70000, 784)')}${' '.repeat(52)}`],
    [2, 't\x00\x00\x00', '<f4', [3, 2], `${dictionary('<f4', '(3, 2)')}${' '.repeat(56)}`],
    [3, 't\x00\x00\x00', '<f4', [3, 2], `${dictionary('<f4', '(3, 2)')}${' '.repeat(56)}`],
    [1, 'v\x00', '>f8', [2, 2], `${dictionary('>f8', '(2, 2)')}${' '.repeat(58)}`],
  ] as const;
  for (const [version, length, dtype, shape, text] of written) {
    plain(`${shape.join(' × ')} of ${dtype}, format ${version}.0, is read as NumPy writes it`, () => {
      const bytes = Buffer.from(`\x93NUMPY${String.fromCharCode(version)}\x00${length}${text}\n`, 'latin1');
      expect(bytes.length).toBe(128);
      expect(parseNpyHeader(bytes, 'f')).toEqual({ dtype, shape, fortran: false, length: 128 });
      if (version === 1) expect(Buffer.from(formatNpyHeader(dtype, shape))).toEqual(bytes);
    });
  }

  plain(
    'is read as other writers put it: other keys first, double quotes, no last comma, long integers',
    () => {
      const text = `{"shape":(3L,2L),"fortran_order":False,"descr":"<i4"}`;
      expect(parseNpyHeader(header(text, 1, 80), 'f')).toEqual({
        dtype: '<i4',
        shape: [3, 2],
        fortran: false,
        length: 80,
      });
    },
  );

  plain('what is formatted is parsed, and the data start at a multiple of 64', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(sizes, fc.constantFrom('<f4', '|u1', '>f8'), (shape, dtype) => {
        const bytes = formatNpyHeader(dtype, shape);
        if (!Number.isSafeInteger(8 * shape.reduce((a, b) => a * b, 1))) return;
        expect(parseNpyHeader(bytes, 'f')).toEqual({ dtype, shape, fortran: false, length: bytes.length });
        expect(bytes.length % 64).toBe(0);
      }),
    );
  });

  /** Parses; whatever is wrong must come as a DataError that names the file. */
  function parsesOrRefuses(bytes: Uint8Array) {
    try {
      const { shape, length } = parseNpyHeader(bytes, 'some-file');
      expect(shape.length).toBeGreaterThan(1);
      for (const size of shape) expect(Number.isSafeInteger(size) && size > 0).toBe(true);
      expect(length).toBeLessThanOrEqual(bytes.length);
    } catch (error) {
      expect(error).toBeInstanceOf(DataError);
      expect((error as Error).message).toMatch(/^some-file: /);
    }
  }

  plain('with any bytes changed, or cut anywhere, is read or refused with a DataError', () => {
    const change = fc.tuple(
      fc.nat(127),
      fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from(`{}(),:'"L0 `))),
    );
    const changes = fc.array(change, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        changes,
        fc.constantFrom(1, 2, 3),
        fc.integer({ min: 0, max: 128 }),
        (changed, version, cut) => {
          const bytes = header(dictionary('<f4', '(70000, 784)'), version);
          for (const [at, byte] of changed) bytes[at] = byte;
          parsesOrRefuses(bytes);
          parsesOrRefuses(bytes.subarray(0, cut));
        },
      ),
      { numRuns: 3000 },
    );
  });

  plain('with any text in place of the dictionary is read or refused with a DataError', () => {
    const piece = fc.constantFrom(
      `'descr'`,
      `'<f4'`,
      `'shape'`,
      '(',
      ')',
      '1',
      ',',
      ':',
      '{',
      '}',
      'True',
      '\\',
      '[',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) =>
        parsesOrRefuses(header(pieces.join(' '), 1, 256)),
      ),
      { numRuns: 2000 },
    );
  });

  const good = dictionary('<f4', '(3, 2)');
  for (const [what, bytes, message] of [
    ['another format', Buffer.from('\x89PNG\r\n\x1a\n'), 'f: not a .npy file'],
    ['an archive', Buffer.from('PK\x03\x04..'), 'f: a .npz or zip archive'],
    ['an empty file', new Uint8Array(0), 'f: not a .npy file'],
    ['a version to come', header(good, 4), 'f: .npy format 4.0, only 1.0, 2.0 and 3.0 are supported'],
    ['half a header', header(good).subarray(0, 100), 'f: truncated: 100 bytes, the header alone takes 128'],
    ['the magic alone', header(good).subarray(0, 8), 'f: truncated: 8 bytes'],
    ['a header that is too large', header(good, 2, 70_000), 'f: the .npy header takes 69988 bytes'],
    ['a vector', header(dictionary('<f4', '(5,)')), 'f: the shape is (5,), a matrix is needed'],
    ['a number', header(dictionary('<f4', '()')), 'f: the shape is (), a matrix is needed'],
    ['no rows', header(dictionary('<f4', '(0, 3)')), 'f: the shape is (0, 3): it is empty'],
    ['no columns', header(dictionary('<f4', '(3, 0)')), 'f: the shape is (3, 0): it is empty'],
    ['too many rows', header(dictionary('|u1', '(4294967296, 1)')), 'too large: at most 4,294,967,295 rows'],
    ['a number in brackets', header(dictionary('<f4', '(3)')), 'malformed: expected ,, at character'],
    [
      'named columns',
      header(good.replace(`'<f4'`, `[('a', '<f4')]`)),
      'f: a structured array, with named columns',
    ],
    ['a key twice', header(good.replace('{', `{'shape': (1, 1), `)), 'malformed: shape is given twice'],
    ['a key too many', header(good.replace('{', `{'x': 1, `)), 'malformed: the key "x" is unknown'],
    [
      'a key too few',
      header(good.replace(`'fortran_order': False, `, '')),
      'malformed: fortran_order is missing',
    ],
    ['text after it', header(`${good} 1`), 'malformed: expected the end, at character '],
    ['code', header('__import__("os")'), 'malformed: expected {, at character 0, "__import__(\\"os\\")'],
  ] as const) {
    plain(`${what} is refused`, () => expect(() => parseNpyHeader(bytes, 'f')).toThrow(message));
  }
});

describe('elements', () => {
  const numbers = [0, 1, 2, 127, 100, 5];
  const negative = [...numbers, -1, -100];
  const bits64 = [2n ** 40n, -(2n ** 40n), 0n, 1n, -1n, 0xffffffffn, -0x80000000n];
  const half = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555, 0x0000);
  const halves = [1, -2, 65504, 2 ** -24, 1365 / 4096, 0];
  const cases: [string, ArrayBufferView, readonly number[]][] = [
    ['u1', Uint8Array.from(numbers), numbers],
    ['b1', Uint8Array.of(0, 1, 1), [0, 1, 1]],
    ['i1', Int8Array.from(negative), negative],
    ['u2', Uint16Array.of(0, 1, 65535), [0, 1, 65535]],
    ['i2', Int16Array.of(-32768, 2, 32767), [-32768, 2, 32767]],
    ['u4', Uint32Array.of(0, 1, 0x80000000), [0, 1, 2 ** 31]],
    ['i4', Int32Array.of(-(2 ** 31), 2, 3), [-(2 ** 31), 2, 3]],
    ['u8', BigUint64Array.of(2n ** 40n, 1n, 2n ** 63n), [2 ** 40, 1, 2 ** 63]],
    ['i8', BigInt64Array.from(bits64), bits64.map((big) => Math.fround(Number(big)))],
    ['f2', half, halves],
    ['f4', Float32Array.of(1.5, -2.25e-30, 3e38), [1.5, -2.25e-30, 3e38].map(Math.fround)],
    ['f8', Float64Array.of(1.5, -0.1, 1e-300), [1.5, Math.fround(-0.1), 0]],
  ];
  for (const [code, { buffer, byteLength }, expected] of cases) {
    const size = byteLength / expected.length;
    test(`${code} become the same numbers, little- and big-endian`, async ({ folder }) => {
      const little = new Uint8Array(buffer as ArrayBuffer);
      const big = little.map((_, i) => little[i - (i % size) + (size - 1 - (i % size))]);
      for (const [order, bytes] of size === 1
        ? (['|', '<', '>', ''] as const).map((order) => [order, little] as const)
        : ([
            ['<', little],
            ['>', big],
          ] as const)) {
        expect(await readAll(await oneRow(folder, order + code, bytes, expected.length))).toEqual(expected);
      }
    });
  }

  for (const [dtype, message] of [
    ['|O', 'an array of Python objects'],
    ['<c8', 'the dtype "<c8" is not supported, only u1, b1, i1'],
    ['<U3', 'the dtype "<U3" is not supported'],
    ['<f16', 'the dtype "<f16" is not supported'],
    ['|f4', 'the dtype "|f4" is not supported'],
    ['constructor', 'the dtype "constructor" is not supported'],
  ] as const) {
    test(`${dtype} are refused, and the file is named`, async ({ folder }) => {
      const path = await oneRow(folder, dtype, new Uint8Array(8), 1);
      await expect(NpyFile.open(path)).rejects.toThrow(new RegExp(`^${path}: ${message}`));
    });
  }

  for (const [dtype, bad, name] of [
    ['<f4', Float32Array.of(1, 2, Number.NaN), 'NaN'],
    ['<f8', Float64Array.of(1, 2, Number.NEGATIVE_INFINITY), '-Infinity'],
    ['<f8', Float64Array.of(1, 2, 1e300), '1e\\+300'],
    ['<f2', Uint16Array.of(0, 0x3c00, 0x7c00), 'Infinity'],
  ] as const) {
    test(`${name} in ${dtype} is refused with its row and column`, async ({ folder }) => {
      const path = await oneRow(folder, dtype, new Uint8Array(bad.buffer), 3);
      await expect(readAll(path)).rejects.toThrow(
        new RegExp(`row 0, column 2 \\(counted from 0\\) is ${name}:`),
      );
    });
  }
});

describe('a file', () => {
  test('holds what was written, in pieces of any size', async ({ folder }) => {
    const rows = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
      minLength: 12,
      maxLength: 12,
    });
    const path = join(folder, 'round.npy');
    await fc.assert(
      fc.asyncProperty(fc.array(rows, { minLength: 1, maxLength: 5 }), async (pieces) => {
        const writer = await NpyWriter.create(path, [2, 3]);
        for (const piece of pieces) await writer.write(Float32Array.from(piece));
        await writer.close();
        const file = await NpyFile.open(path);
        expect([file.count, file.shape, file.features]).toEqual([2 * pieces.length, [2, 3], 6]);
        await file.close();
        expect(await readAll(path)).toEqual(Array.from(Float32Array.from(pieces.flat())));
      }),
      { numRuns: 50 },
    );
  });

  test('is refused until its writer has closed it', async ({ folder }) => {
    const path = join(folder, 'part.npy');
    const writer = await NpyWriter.create(path, [2]);
    await writer.write(Float32Array.of(1, 2, 3, 4));
    await expect(NpyFile.open(path)).rejects.toThrow('the shape is (0, 2): it is empty');
    await writer.close();
    expect(await readAll(path)).toEqual([1, 2, 3, 4]);
  });

  test('takes whole rows only', async ({ folder }) => {
    const writer = await NpyWriter.create(join(folder, 'f.npy'), [2]);
    await expect(writer.write(Float32Array.of(1, 2, 3))).rejects.toThrow('expected whole rows of 2 values');
    await writer.close();
  });

  test('that is too short, too long, missing or a folder is refused by name', async ({ folder }) => {
    const path = await writeNpy(folder, new Float32Array(6), [3]);
    await truncate(path, 150);
    const taken = 'a 2 × 3 array of <f4 takes 152';
    await expect(NpyFile.open(path)).rejects.toThrow(`${path}: truncated: 150 bytes, ${taken}`);
    await appendFile(path, new Uint8Array(9));
    await expect(NpyFile.open(path)).rejects.toThrow(`${path}: too long: 159 bytes, ${taken}`);
    await expect(NpyFile.open(join(folder, 'none'))).rejects.toThrow(
      'none cannot be read: there is no such file or folder',
    );
    await expect(NpyFile.open(folder)).rejects.toThrow(`${folder} cannot be read: it is a folder`);
  });

  test('is what NumPy writes, byte for byte', async ({ folder }) => {
    const path = await writeNpy(folder, Uint8Array.of(1, 2, 3, 4), [2]);
    const expected = Buffer.from(
      `\x93NUMPY\x01\x00v\x00{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }${' '.repeat(58)}\n`,
      'latin1',
    );
    expect(await readFile(path)).toEqual(Buffer.concat([expected, Uint8Array.of(1, 2, 3, 4)]));
  });
});
