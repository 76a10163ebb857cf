import type { Attributes, GraphBuilder, Value } from '../ir/builder.ts';
import { GraphError } from '../ir/error.ts';
import { floatOf, formatShape, type Op } from './entry.ts';
import {
  allowOnly,
  appendAsIs,
  attributesOf,
  type Convolution,
  countBeyondLast,
  planeSizeOf,
  readList,
  reversePads,
  turnKernels,
  type WeightGradient,
  weightGradients,
  windowsOf,
} from './im2col.ts';
import { pooling } from './pooling.ts';

/**
 * How a convolution is computed. *Gathered*, each result collects its window (ONNX's Conv); *scattered*, each
 * operand is spread over a window of results (ONNX's ConvTranspose). If the stride is 1, either does the work
 * of the other when the weights are reversed: kernels turned by half a turn, inputs and outputs swapped.
 */
export interface ConvolutionPlan {
  /** From input to output; also the gradient by the input of a transposed convolution. */
  forward: 'gathered' | 'scattered';
  /** The gradient by the input; also a transposed convolution. */
  backward: 'gathered' | 'scattered';
  /** The gradient by the weights, of either. */
  weights: WeightGradient;
}

/**
 * The form of each part of a convolution that is the fastest in onnxruntime on a CPU, which lowering chooses.
 * Gathering copies every operand as often as a kernel has entries; scattering adds up as many parts of every
 * result, in one thread: it pays where results are few. A gradient by the weights that slides copies one of
 * the two operands in the same way: better the one of fewer channels, though only the input can be if there is a
 * stride. An input of very few channels makes short copies, for which im2col in memory is faster.
 */
export function planConvolution(convolution: Convolution): ConvolutionPlan {
  const { strides, dilations, group } = convolution;
  const [inputs, outputs] = [Number(convolution.inputs), Number(convolution.outputs)];
  const reversible =
    group === 1 &&
    strides.every((stride) => stride === 1) &&
    reversePads(convolution).every((pad) => pad >= 0);
  const few = (results: number, operands: number) => results <= 16 && 2 * results <= operands;
  const slides = group === 1 && dilations.every((dilation) => dilation === 1) && inputs > 4;
  return {
    forward: reversible && few(outputs, inputs) ? 'scattered' : 'gathered',
    backward: reversible && !few(inputs, outputs) ? 'gathered' : 'scattered',
    weights: !slides ? 'columns' : reversible && outputs < inputs ? 'sliding input' : 'sliding gradient',
  };
}

/** The convolution that a Conv does or a ConvTranspose reverses. Throws a {@link GraphError} if nothing fits. */
export function readConvolution(op: string, inputs: readonly Value[], attributes: Attributes): Convolution {
  const transposed = op === 'ConvTranspose';
  const names = ['kernel_shape', 'strides', 'dilations', 'pads', 'group'];
  allowOnly(op, attributes, transposed ? [...names, 'output_padding'] : names);
  const [x, w, bias] = inputs;
  const kernel = planeSizeOf(op, w);
  const windows = windowsOf(op, x, kernel, attributes, transposed);
  const { group = 1, kernel_shape: given = kernel } = attributes;
  if (`${given}` !== `${kernel}`)
    throw new GraphError(`${op}: the kernels of ${formatShape(w)} are not of kernel_shape [${given}]`);
  const [outputs, each] = w.shape;
  const channels = group === 1 ? each : Number(each) * Number(group);
  if (
    x.shape[1] !== (transposed ? outputs : channels) ||
    (group !== 1 && Number(outputs) % Number(group) !== 0)
  )
    throw new GraphError(
      `${op}: weights ${formatShape(w)}, group ${group}, do not fit the channels of ${formatShape(x)}`,
    );
  if (bias && formatShape(bias) !== `[${transposed ? channels : outputs}]`)
    throw new GraphError(
      `${op}: bias ${formatShape(bias)} does not fit weights ${formatShape(w)}, group ${group}`,
    );
  return { ...windows, inputs: channels, outputs, group: Number(group) };
}

/** The convolution of which the gradient by the weights is asked for, from its input and the gradient by its output. */
function readGradientConvolution([x, g]: readonly Value[], attributes: Attributes): Convolution {
  const op = 'ConvWeightGradient';
  const kernel = readList(op, attributes, 'kernel_shape', [1, 1]);
  const w = { ...x, shape: [g.shape[1], Number(x.shape[1]) / Number(attributes.group ?? 1), ...kernel] };
  const convolution = readConvolution(op, [x, w], attributes);
  const output = { shape: [x.shape[0], convolution.outputs, ...convolution.reduced] };
  if (formatShape(g) === formatShape(output)) return convolution;
  throw new GraphError(
    `${op}: a convolution of ${formatShape(x)} gives ${formatShape(output)}, not ${formatShape(g)}`,
  );
}

/** All attributes of a node that does this convolution or reverses it, but output_padding. */
const nodeAttributesOf = (convolution: Convolution) => ({
  ...attributesOf(convolution),
  kernel_shape: convolution.kernel,
  group: convolution.group,
});

/** The gradients of a convolution, by its input from that by its output, and by its weights. */
const differentiateByInput = (graph: GraphBuilder, g: Value, w: Value, convolution: Convolution) =>
  graph.op('ConvTranspose', [g, w], {
    ...nodeAttributesOf(convolution),
    output_padding: countBeyondLast(convolution),
  });
const differentiateByWeights = (graph: GraphBuilder, x: Value, g: Value, convolution: Convolution) =>
  graph.op('ConvWeightGradient', [x, g], nodeAttributesOf(convolution));
const differentiateByBias = (graph: GraphBuilder, g: Value) => graph.reduceSum(g, [0, 2, 3]);

/**
 * Conv or ConvTranspose as its part of the plan wants it. Constant weights stay as they are: a trained model is
 * to be plain, and onnxruntime prepares what is constant once and for all.
 */
const lowerByPlan =
  (op: string, other: string, wants: (plan: ConvolutionPlan) => boolean): Op['lower'] =>
  (graph, inputs, attributes) => {
    const [x, w, ...bias] = inputs;
    const convolution = readConvolution(op, inputs, attributes);
    if (w.data || !wants(planConvolution(convolution))) return appendAsIs(graph, op, inputs, attributes);
    const swapped = turnKernels(graph, graph.transpose(w, [1, 0, 2, 3]));
    const { dilations } = convolution;
    return appendAsIs(graph, other, [x, swapped, ...bias], { dilations, pads: reversePads(convolution) });
  };

export const convolution = {
  /**
   * x, N × inputs × height × width, with each window multiplied by w, outputs × inputs / group × kernel, plus a
   * bias an output if given. The attributes strides, dilations, pads and group are ONNX's.
   */
  Conv: {
    infer(inputs, attributes) {
      const { outputs, reduced } = readConvolution('Conv', inputs, attributes);
      return floatOf([inputs[0].shape[0], outputs, ...reduced]);
    },
    gradient({ graph, inputs, attributes, gradient: g }) {
      const [x, w, bias] = inputs;
      const convolution = readConvolution('Conv', inputs, attributes);
      const both = [
        differentiateByInput(graph, g, w, convolution),
        differentiateByWeights(graph, x, g, convolution),
      ];
      return bias ? [...both, differentiateByBias(graph, g)] : both;
    },
    lower: lowerByPlan('Conv', 'ConvTranspose', ({ forward }) => forward === 'scattered'),
  },
  /**
   * The reverse of the Conv with the same w and attributes: from N × outputs × reduced height × width to N ×
   * inputs × height × width, with a bias an input if given, and `output_padding` as many rows and columns more
   * as were beyond that one's last window.
   */
  ConvTranspose: {
    infer(inputs, attributes) {
      const { inputs: channels, size } = readConvolution('ConvTranspose', inputs, attributes);
      return floatOf([inputs[0].shape[0], channels, ...size]);
    },
    gradient({ graph, inputs, attributes, gradient: g }) {
      const [x, w, bias] = inputs;
      const convolution = readConvolution('ConvTranspose', inputs, attributes);
      const both = [
        graph.op('Conv', [g, w], nodeAttributesOf(convolution)),
        differentiateByWeights(graph, g, x, convolution),
      ];
      return bias ? [...both, differentiateByBias(graph, g)] : both;
    },
    lower: lowerByPlan('ConvTranspose', 'Conv', ({ backward }) => backward === 'gathered'),
  },
  /**
   * The gradient of a Conv by its weights, of `kernel_shape`, from its input x and the gradient g by its output:
   * not an ONNX operator. It is linear in each, so that its own gradients are the Conv and its reverse.
   */
  ConvWeightGradient: {
    infer(inputs, attributes) {
      const { inputs: channels, outputs, kernel, group } = readGradientConvolution(inputs, attributes);
      return floatOf([outputs, Number(channels) / group, ...kernel]);
    },
    gradient({ graph, inputs, attributes, gradient: w }) {
      const [x, g] = inputs;
      const convolution = readGradientConvolution(inputs, attributes);
      return [
        differentiateByInput(graph, g, w, convolution),
        graph.op('Conv', [x, w], nodeAttributesOf(convolution)),
      ];
    },
    lower(graph, inputs, attributes) {
      const convolution = readGradientConvolution(inputs, attributes);
      return weightGradients[planConvolution(convolution).weights](graph, inputs[0], inputs[1], convolution);
    },
  },
  ...pooling,
} satisfies Record<string, Op>;
