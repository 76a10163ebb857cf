import onnxProto from 'onnx-proto';
import { describe, expect, test } from 'vitest';
import { Engine } from '../../engine/engine.ts';
import { decodeHalf } from '../../engine/onnx/half.ts';
import { Random } from '../../kernels/random.ts';
import { KERNELS, largestDifference, runBoth } from './support.ts';

const { onnx } = onnxProto;
const { FLOAT, FLOAT16, INT8 } = onnx.TensorProto.DataType;

test('every number of half precision is read as the platform reads it', () => {
  const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  expect(decodeHalf(new Uint8Array(bits.buffer))).toEqual(new Float32Array(new Float16Array(bits.buffer)));
});

const [K, M] = [24, 10];
const random = new Random(1);
const bytes = ({ buffer }: ArrayBufferView) => new Uint8Array(buffer as ArrayBuffer);
const tensor = (name: string, dataType: number, dims: number[], data: ArrayBufferView) => ({
  name,
  dataType,
  dims,
  rawData: bytes(data),
});
const vary = (length: number) => Float32Array.from({ length }, () => random.normal());
const whole = (length: number) => Int8Array.from({ length }, () => random.below(255) - 127);
const integer = (name: string, i: number) => ({ name, type: onnx.AttributeProto.AttributeType.INT, i });
const rows = (name: string, width: number) => ({
  name,
  type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimParam: 'N' }, { dimValue: width }] } } },
});

/** y = x·|W|, where a node makes W, K × M, of other constants. */
function product(
  initializer: ReturnType<typeof tensor>[],
  opType: string,
  attribute: ReturnType<typeof integer>[],
): Uint8Array {
  const graph = {
    name: 'product',
    input: [rows('x', K)],
    output: [rows('y', M)],
    initializer,
    node: [
      { opType, input: initializer.map(({ name }) => name), output: ['w'], attribute },
      // In between, because onnxruntime computes a product right after DequantizeLinear in 8 bits.
      { opType: 'Abs', input: ['w'], output: ['positive'] },
      { opType: 'MatMul', input: ['x', 'positive'], output: ['y'] },
    ],
  };
  const opsetImport = [{ domain: '', version: 17 }];
  return onnx.ModelProto.encode({ irVersion: 8, opsetImport, graph }).finish();
}

const packed = tensor('packed', INT8, [K, M], whole(K * M));
const scales = (dims: number[]) =>
  tensor('scales', FLOAT, dims, vary(dims.reduce((a, b) => a * b, 1)).map(Math.abs));
const cases = {
  'halves, by Cast': product([tensor('halves', FLOAT16, [K, M], new Float16Array(vary(K * M)))], 'Cast', [
    integer('to', FLOAT),
  ]),
  'a scale for each row': product([packed, scales([K])], 'DequantizeLinear', [integer('axis', 0)]),
  'a scale for each column': product([packed, scales([M])], 'DequantizeLinear', [integer('axis', -1)]),
  'one scale': product([packed, scales([])], 'DequantizeLinear', []),
  'a scale and a zero point for each column': product(
    [packed, scales([M]), tensor('zeros', INT8, [M], whole(M))],
    'DequantizeLinear',
    [],
  ),
};

describe('constants of fewer bits give what onnxruntime-node gives', () => {
  test.each(Object.entries(cases))('%s', async (_, model) => {
    const n = 3;
    for (const { own, expected } of await runBoth(model, vary(n * K), n)) {
      expect(largestDifference(own, expected)).toBeLessThan(1e-6);
    }
  });

  test('they are in memory once, however many samples run', () => {
    const engine = new Engine(cases['a scale for each column'], KERNELS.inference);
    engine.run(vary(64 * K), 64, ['y']);
    const before = engine.memory;
    for (let n = 1; n < 64; n++) engine.run(vary(n * K), n, ['y']);
    expect(engine.memory).toBe(before);
  });

  test('scales that do not fit are refused', () => {
    const engine = new Engine(
      product([packed, scales([M])], 'DequantizeLinear', [integer('axis', 0)]),
      KERNELS.inference,
    );
    expect(() => engine.run(vary(K), 1, ['y'])).toThrow('10 scales do not fit [24, 10]');
  });
});
