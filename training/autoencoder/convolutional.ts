import type { Architecture } from '../../bundle/training.ts';
import {
  convolution,
  dense,
  divideByStride,
  type Layer,
  lambdaLayer,
  plainStyle,
  transposedConvolution,
} from '../network/layers.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';

type Convolutional = Omit<Extract<Architecture, { kind: 'convolutional' }>, 'parameters'>;

/**
 * The layers of a convolutional autoencoder for images of any height, width and channels: strided
 * convolutions, dense layers to the code, and their mirror with transposed convolutions. Samples are flat
 * rows, height × width × channels. Throws a RangeError if the architecture does not fit together.
 */
export function buildConvolutionalLayers(
  architecture: Convolutional,
  heads: { code: number; output: number },
): { encoder: Layer[]; decoder: Layer[] } {
  const { shape, channels, strides, kernel, widths, code, code_activation } = architecture;
  const [height, width, depth] = shape;
  if (strides.length !== channels.length) {
    throw new RangeError(`${strides.length} strides for ${channels.length} convolutions: one for each`);
  }
  if (kernel % 2 === 0) throw new RangeError(`kernel is ${kernel}: an odd number is needed`);
  const sizes: [number, number][] = [[height, width]];
  for (const stride of strides) sizes.push(divideByStride(sizes.at(-1)!, stride));
  const [h, w] = sizes.at(-1)!;
  const flat = channels.at(-1)! * h * w;
  const planes = [depth, ...channels];
  const dims = [flat, ...widths, code];
  const back = dims.toReversed();
  const last = channels.length - 1;
  return {
    encoder: [
      lambdaLayer((graph, x) => toPlanes(graph, x, shape)),
      ...channels.map((outputs, i) =>
        convolution(
          `encoder.conv${i}`,
          planes[i],
          outputs,
          { kernel, stride: strides[i], size: sizes[i] },
          architecture,
        ),
      ),
      lambdaLayer((graph, x) => graph.reshape(x, [0, flat])),
      ...widths.map((outputs, i) => dense(`encoder.dense${i}`, dims[i], outputs, architecture)),
      dense('encoder.code', dims.at(-2)!, code * heads.code, plainStyle(code_activation)),
    ],
    decoder: [
      ...back.slice(1).map((outputs, i) => dense(`decoder.dense${i}`, back[i], outputs, architecture)),
      lambdaLayer((graph, x) => graph.reshape(x, [0, channels[last], h, w])),
      ...channels.map((_, i) => {
        const from = last - i;
        return transposedConvolution(
          `decoder.conv${from}`,
          planes[from + 1],
          from === 0 ? depth * heads.output : planes[from],
          { kernel, stride: strides[from], size: sizes[from] },
          from === 0 ? plainStyle() : architecture,
        );
      }),
      lambdaLayer((graph, x) => fromPlanes(graph, x, shape, heads.output)),
    ],
  };
}

/** N × (height · width · channels) to N × channels × height × width. */
function toPlanes(graph: Graph, x: Value, [height, width, channels]: readonly number[]): Value {
  if (channels === 1) return graph.reshape(x, [0, 1, height, width]);
  const image = graph.reshape(x, [0, height, width, channels]);
  return graph.transpose(image, [0, 3, 1, 2]);
}

/** The reverse, for `heads` numbers a feature, one after the other along the columns. */
function fromPlanes(graph: Graph, x: Value, shape: readonly number[], heads: number): Value {
  const [height, width, channels] = shape;
  const size = height * width * channels;
  if (channels === 1) return graph.reshape(x, [0, heads * size]);
  const split = graph.reshape(x, [0, heads, channels, height, width]);
  const last = graph.transpose(split, [0, 1, 3, 4, 2]);
  return graph.reshape(last, [0, heads * size]);
}
