import type { Architecture } from '../../bundle/training.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';
import type { AverageSpec, ParameterSpec, Scope } from './scope.ts';

/** Part of a network: its parameters, and what it does to its input. */
export interface Layer {
  readonly parameters: readonly ParameterSpec[];
  readonly averages: readonly AverageSpec[];
  /** Multiply-adds per sample in its matrix product. */
  readonly products: number;
  apply(scope: Scope, x: Value): Value;
}

/** What follows the product of a layer: normalisation, then activation, then dropout. */
export type Style = Pick<Architecture, 'activation' | 'normalisation' | 'dropout'>;

type Activation = Architecture['activation'];

/** The style of a last layer: only an activation follows. */
export const plainStyle = (activation: Activation = 'linear'): Style => ({
  activation,
  normalisation: 'none',
  dropout: 0,
});

const ACTIVATIONS: Readonly<Record<Activation, (graph: Graph, x: Value) => Value>> = {
  relu: (graph, x) => graph.relu(x),
  leaky_relu: (graph, x) => graph.op('LeakyRelu', [x]),
  elu: (graph, x) => graph.op('Elu', [x]),
  gelu: (graph, x) => graph.op('Gelu', [x]),
  silu: (graph, x) => graph.op('Silu', [x]),
  tanh: (graph, x) => graph.op('Tanh', [x]),
  sigmoid: (graph, x) => graph.sigmoid(x),
  softplus: (graph, x) => graph.op('Softplus', [x]),
  linear: (_graph, x) => x,
};

/**
 * A fully connected layer, x·W + b: x is N × inputs, W is inputs × outputs. `tiedTo` names a layer whose weights
 * (outputs × inputs) are transposed and used in place of its own.
 */
export function dense(name: string, inputs: number, outputs: number, style: Style, tiedTo?: string): Layer {
  const weight = `${tiedTo ?? name}.weight`;
  const bias = `${name}.bias`;
  const initial = { fanIn: inputs, fanOut: outputs, activation: style.activation };
  const own = tiedTo ? [] : [{ name: weight, shape: [inputs, outputs], initial, decay: true }];
  const norm = buildNormalisation(name, outputs, style);
  return {
    parameters: [...own, { name: bias, shape: [outputs], initial: 0, decay: false }, ...norm.parameters],
    averages: norm.averages,
    products: inputs * outputs,
    apply(scope, x) {
      const [w, b] = norm.fold(scope, scope.value(weight), scope.value(bias), tiedTo ? 0 : 1);
      const product = scope.graph.gemm(x, w, { bias: b, ...(tiedTo && { transB: true }) });
      return finish(scope, norm.apply(scope, product), style);
    },
  };
}

/** The windows of a convolution: odd kernels, padded so that stride s divides height and width by s, rounded up. */
interface Windows {
  kernel: number;
  stride: number;
  /** Height and width before the convolution (after the transposed one). */
  size: readonly [number, number];
}

/** Height and width after a convolution with this stride. */
export const divideByStride = (
  [height, width]: readonly [number, number],
  stride: number,
): [number, number] => [Math.ceil(height / stride), Math.ceil(width / stride)];

/** ONNX's `pads` and `output_padding` for {@link Windows}. */
function computePadding({ kernel, stride, size }: Windows) {
  const small = divideByStride(size, stride);
  const slack = size.map((d, i) => (small[i] - 1) * stride + kernel - d);
  const total = slack.map((d) => Math.max(0, d));
  const before = total.map((d) => Math.floor(d / 2));
  return {
    pads: [...before, ...total.map((d, i) => d - before[i])],
    outputPadding: slack.map((d) => Math.max(0, -d)),
  };
}

/** A convolution over N × inputs × height × width. */
export function convolution(
  name: string,
  inputs: number,
  outputs: number,
  windows: Windows,
  style: Style,
): Layer {
  const { kernel, stride } = windows;
  const area = kernel * kernel;
  const initial = {
    fanIn: inputs * area,
    fanOut: (outputs * area) / stride ** 2,
    activation: style.activation,
  };
  const attributes = { strides: [stride, stride], pads: computePadding(windows).pads };
  const [h, w] = divideByStride(windows.size, stride);
  return convolutionLayer(
    name,
    [outputs, inputs, kernel, kernel],
    0,
    outputs,
    h * w,
    initial,
    style,
    (graph, x) => graph.op('Conv', x, attributes),
  );
}

/** A transposed convolution to N × outputs × height × width: the mirror of {@link convolution}. */
export function transposedConvolution(
  name: string,
  inputs: number,
  outputs: number,
  windows: Windows,
  style: Style,
): Layer {
  const { kernel, stride } = windows;
  const area = kernel * kernel;
  const initial = {
    fanIn: (inputs * area) / stride ** 2,
    fanOut: outputs * area,
    activation: style.activation,
  };
  const { pads, outputPadding } = computePadding(windows);
  const attributes = { strides: [stride, stride], pads, output_padding: outputPadding };
  const [h, w] = divideByStride(windows.size, stride);
  return convolutionLayer(
    name,
    [inputs, outputs, kernel, kernel],
    1,
    outputs,
    h * w,
    initial,
    style,
    (graph, x) => graph.op('ConvTranspose', x, attributes),
  );
}

function convolutionLayer(
  name: string,
  shape: readonly number[],
  axis: number,
  outputs: number,
  places: number,
  initial: ParameterSpec['initial'],
  style: Style,
  convolve: (graph: Graph, inputs: Value[]) => Value,
): Layer {
  const norm = buildNormalisation(name, outputs, style);
  return {
    parameters: [
      { name: `${name}.weight`, shape, initial, decay: true },
      { name: `${name}.bias`, shape: [outputs], initial: 0, decay: false },
      ...norm.parameters,
    ],
    averages: norm.averages,
    products: places * shape.reduce((a, b) => a * b, 1),
    apply(scope, x) {
      const folded = norm.fold(scope, scope.value(`${name}.weight`), scope.value(`${name}.bias`), axis);
      return finish(scope, norm.apply(scope, convolve(scope.graph, [x, ...folded])), style);
    },
  };
}

/** A layer without parameters, such as a reshape. */
export const lambdaLayer = (apply: (graph: Graph, x: Value) => Value): Layer => ({
  parameters: [],
  averages: [],
  products: 0,
  apply: ({ graph }, x) => apply(graph, x),
});

function finish(scope: Scope, x: Value, { activation, dropout }: Style): Value {
  const y = ACTIVATIONS[activation](scope.graph, x);
  if (!dropout || !scope.training) return y;
  return scope.graph.op('Dropout', [y, scope.random('uniform', y.shape)], { rate: dropout });
}

/**
 * Normalisation over the batch (Ioffe & Szegedy 2015) or over each sample's channels (Ba, Kiros & Hinton
 * 2016), with a learned gain and bias per channel. `fold` merges a trained batch normalisation into constant weights,
 * whose output channels are along `axis`; `apply` then does nothing.
 */
function buildNormalisation(name: string, channels: number, { normalisation: kind }: Style) {
  const gain = `${name}.gain`;
  const shift = `${name}.shift`;
  const mean = `${name}.mean`;
  const variance = `${name}.variance`;
  const tensor = (key: string, initial: number) => ({ name: key, shape: [channels], initial, decay: false });
  const folds = (scope: Scope, weight: Value) => kind === 'batch' && !scope.training && !!weight.data;
  return {
    parameters: kind === 'none' ? [] : [tensor(gain, 1), tensor(shift, 0)],
    averages:
      kind === 'batch'
        ? [
            { name: mean, size: channels, initial: 0 },
            { name: variance, size: channels, initial: 1 },
          ]
        : [],
    fold(scope: Scope, weight: Value, bias: Value, axis: number): [Value, Value] {
      if (!folds(scope, weight)) return [weight, bias];
      const [g, s, m, v] = [gain, shift, mean, variance].map((key) => dataOf(scope.value(key)));
      const [w, b] = [dataOf(weight), dataOf(bias)];
      const factor = g.map((x, c) => x / Math.sqrt(v[c] + EPSILON));
      const shape = weight.shape as number[];
      const inner = shape.slice(axis + 1).reduce((product, d) => product * d, 1);
      return [
        scope.graph.constant(
          w.map((x, i) => x * factor[Math.floor(i / inner) % channels]),
          shape,
        ),
        scope.graph.constant(
          b.map((x, c) => (x - m[c]) * factor[c] + s[c]),
          [channels],
        ),
      ];
    },
    apply(scope: Scope, x: Value): Value {
      const { graph } = scope;
      if (kind === 'none') return x;
      const scale = [scope.value(gain), scope.value(shift)];
      if (kind === 'layer') return normaliseChannels(graph, x, scale);
      if (!scope.training) {
        // `fold` has merged it into the constant weights.
        if (scope.value(gain).data) return x;
        return graph.op('BatchNormalization', [x, ...scale, scope.value(mean), scope.value(variance)], {
          epsilon: EPSILON,
        });
      }
      const [y, batchMean, batchVariance] = graph.ops('TrainingBatchNormalization', [x, ...scale], {
        epsilon: EPSILON,
      });
      scope.statistics.set(mean, batchMean);
      scope.statistics.set(variance, batchVariance);
      return y;
    },
  };
}

/** Normalises over the last axis of a matrix, or over the channels at each pixel, which go last for it. */
function normaliseChannels(graph: Graph, x: Value, scale: Value[]): Value {
  const attributes = { axis: -1, epsilon: EPSILON };
  if (x.shape.length === 2) return graph.op('LayerNormalization', [x, ...scale], attributes);
  const last = graph.transpose(x, [0, 2, 3, 1]);
  const y = graph.op('LayerNormalization', [last, ...scale], attributes);
  return graph.transpose(y, [0, 3, 1, 2]);
}

const dataOf = (value: Value) => value.data as Float32Array;

const EPSILON = 1e-5;
