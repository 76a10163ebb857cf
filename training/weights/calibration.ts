import onnxProto, { type onnx as Onnx } from 'onnx-proto';
import { BundleError } from '../../bundle/error.ts';
import { FILLER, fillBlocks } from '../scorer/p-value.ts';

const { onnx } = onnxProto;

/** Reads the calibration scores in `scorer.onnx`, in ascending order. */
export function readCalibration(model: Uint8Array): Float32Array {
  return valuesOf(findCalibration(onnx.ModelProto.decode(model).graph!)).filter((score) => score > FILLER);
}

/** Replaces the calibration scores in `scorer.onnx` by as many others: p-values compare with these then. */
export function replaceCalibration(model: Uint8Array, scores: Float32Array): Uint8Array {
  const decoded = onnx.ModelProto.decode(model);
  const tensor = findCalibration(decoded.graph!);
  const values = fillBlocks(scores, valuesOf(tensor).length);
  Object.assign(tensor, { rawData: new Uint8Array(values.buffer) });
  return onnx.ModelProto.encode(decoded).finish();
}

const valuesOf = ({ rawData }: Onnx.ITensorProto): Float32Array =>
  new Float32Array(new Uint8Array(rawData!).buffer);

/**
 * The constant that the p-value compares with, see training/scorer/p-value.ts: it is gathered from, or in older bundles
 * compared with as a whole.
 */
function findCalibration({ node = [], initializer = [] }: Onnx.IGraphProto): Onnx.ITensorProto {
  const makers = new Map(
    node?.flatMap((one) => (one.output ?? []).map((name): [string, Onnx.INodeProto] => [name, one])),
  );
  for (let maker = makers.get('p_value'); maker; maker = makers.get(maker.input?.[0] ?? '')) {
    if (maker.opType !== 'GreaterOrEqual' && maker.opType !== 'Gather') continue;
    const found = initializer?.find(({ name }) => name === maker?.input?.[0]);
    if (found?.rawData) return found;
  }
  throw new BundleError('scorer.onnx has no calibration scores where they are expected: train again');
}
