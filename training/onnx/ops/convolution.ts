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
 * How a convolution is computed. *Gathered*: each result collects its window (ONNX's Conv). *Scattered*: each operand
 * is spread over a window of results (ONNX's ConvTranspose). With stride 1, each can replace the other if the weights
 * are reversed: kernels rotated by 180°, inputs and outputs swapped.
 */
export interface ConvolutionPlan {
  /** From input to output; also the gradient by the input of a transposed convolution. */
  forward: 'gathered' | 'scattered';
  /** The gradient by the input; also a transposed convolution. */
  backward: 'gathered' | 'scattered';
  /** The gradient by the weights of either. */
  weights: WeightGradient;
}

/**
 * Chooses the form of each part of a convolution that is fastest in onnxruntime on a CPU. Gathering copies every
 * operand once for each entry of a kernel; scattering adds up as many parts for every result, in one thread, which pays
 * if there are few results. A sliding gradient by the weights copies one of its two operands in the same way: better
 * the one with fewer channels, but with a stride only the input can be. With very few input channels the copies are
 * short, and im2col in memory is faster.
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

/** The convolution that a Conv computes or a ConvTranspose reverses. Throws a {@link GraphError} if inputs do not fit. */
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

/** The convolution of a ConvWeightGradient, from its input and the gradient by its output. */
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

/** All attributes of a node that computes or reverses this convolution, except output_padding. */
const nodeAttributesOf = (convolution: Convolution) => ({
  ...attributesOf(convolution),
  kernel_shape: convolution.kernel,
  group: convolution.group,
});

/** The gradients of a convolution by its input, its weights and its bias, from the gradient g by its output. */
const differentiateByInput = (graph: GraphBuilder, g: Value, w: Value, convolution: Convolution) =>
  graph.op('ConvTranspose', [g, w], {
    ...nodeAttributesOf(convolution),
    output_padding: countBeyondLast(convolution),
  });
const differentiateByWeights = (graph: GraphBuilder, x: Value, g: Value, convolution: Convolution) =>
  graph.op('ConvWeightGradient', [x, g], nodeAttributesOf(convolution));
const differentiateByBias = (graph: GraphBuilder, g: Value) => graph.reduceSum(g, [0, 2, 3]);

/**
 * Lowers Conv or ConvTranspose to the form that the plan chooses. With constant weights it stays as it is: a trained
 * model should be plain, and onnxruntime prepares constants once.
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
   * Multiplies each window of x, N × inputs × height × width, by w, outputs × inputs / group × kernel, and adds a bias
   * per output if given. The attributes strides, dilations, pads and group are ONNX's.
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
   * inputs × height × width, plus a bias per input if given. `output_padding` adds the rows and columns beyond the last
   * window of the Conv.
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
   * The gradient of a Conv by its weights with `kernel_shape`, from its input x and the gradient g by its output; not an
   * ONNX operator. It is linear in both, so its own gradients are the Conv and its reverse.
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
