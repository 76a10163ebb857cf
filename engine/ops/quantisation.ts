import { EngineError } from '../onnx/error.ts';
import { Constant } from '../onnx/model.ts';
import { around, fromFront, numberOf, type Op } from './op.ts';

/** Constants in 8 bits, (x − zero point) · scale: decoded where they are placed, so that they take no other memory. */
const dequantizeLinear: Op = (call) => {
  const [x, scale, zero] = call.inputs;
  const [packed, scales] = [x?.constant, scale?.constant];
  if (!packed || !scales || (zero && !zero.constant)) {
    throw new EngineError('DequantizeLinear: only constants are supported');
  }
  const rank = packed.shape.length;
  const perAxis = scales.shape.length > 0;
  const axis = fromFront(numberOf(call, 'axis', 1), rank);
  const [, size, inner] = perAxis ? around(packed.shape, axis) : [1, 1, packed.length];
  if (scales.length !== size || (zero && zero.constant?.length !== size)) {
    throw new EngineError(
      `DequantizeLinear: ${scales.length} scales do not fit [${packed.shape.join(', ')}]`,
    );
  }
  const decode = () => {
    const [numbers, factors, zeros] = [packed.values, scales.values, zero?.constant?.values];
    const values = new Float32Array(packed.length);
    for (let start = 0, k = 0; start < values.length; start += inner, k = k + 1 === size ? 0 : k + 1) {
      const [factor, offset] = [factors[k]!, zeros?.[k] ?? 0];
      for (let i = start; i < start + inner; i++) values[i] = (numbers[i]! - offset) * factor;
    }
    return values;
  };
  return { shapes: [packed.shape], constant: new Constant(packed.shape, { source: call.node, decode }) };
};

export const quantisation = { DequantizeLinear: dequantizeLinear } satisfies Record<string, Op>;
