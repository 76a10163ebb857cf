import type { Canonical } from '../../bundle/manifest.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';

/** A shear beyond one pixel a row is no slant of a stroke. */
const STEEPEST = 1;
/** What keeps the moments of an empty image finite. */
const LEAST_MASS = 1e-6;
/** A Gaussian is cut off at so many standard deviations. */
const CUT = 4;

/**
 * Images (N × height·width·channels, brightness on a dark ground from 0 up) in a canonical pose: their centre of mass
 * in the middle, sheared until their second moments have no slant (LeCun et al. 1998, section III.A), and smoothed
 * by a Gaussian of `smoothing` pixels, as far as they are asked for.
 */
export function canonical(graph: Graph, x: Value, { shape, pose, smoothing }: Canonical): Value {
  const [height, width, channels] = shape;
  const planes = graph.op(
    'Transpose',
    [graph.op('Reshape', [x, graph.integers([-1, height, width, channels])])],
    {
      perm: [0, 3, 1, 2],
    },
  );
  const posed = pose === 'as_is' ? planes : resampled(graph, planes, shape, pose === 'deskewed');
  const smooth = smoothing > 0 ? smoothed(graph, posed, shape, smoothing) : posed;
  const last = graph.op('Transpose', [smooth], { perm: [0, 2, 3, 1] });
  return graph.op('Reshape', [last, graph.integers([-1, height * width * channels])]);
}

/**
 * Each image sampled where its moments say: the pixel (y, x) of the result is at y − y₀ + ȳ and
 * x − x₀ + x̄ + a (y − y₀) of the image, with (y₀, x₀) the middle, (ȳ, x̄) the centre of mass and a = μ₁₁ / μ₂₀.
 */
function resampled(
  graph: Graph,
  planes: Value,
  [height, width, channels]: readonly [number, number, number],
  deskew: boolean,
): Value {
  const pixels = height * width;
  const [midY, midX] = [(height - 1) / 2, (width - 1) / 2];
  const y = Float32Array.from({ length: pixels }, (_, p) => Math.floor(p / width) - midY);
  const x = Float32Array.from({ length: pixels }, (_, p) => (p % width) - midX);
  const row = (values: Float32Array) => graph.constant(values, [1, pixels]);
  const brightness = channels === 1 ? planes : graph.op('ReduceMean', [planes], { axes: [1], keepdims: 1 });
  const image = graph.op('Reshape', [brightness, graph.integers([-1, pixels])]);
  const moment = (values: Float32Array) => graph.op('MatMul', [image, graph.constant(values, [pixels, 1])]);
  const mass = graph.op('Max', [moment(new Float32Array(pixels).fill(1)), graph.constant(LEAST_MASS)]);
  const mean = (values: Float32Array) => graph.op('Div', [moment(values), mass]);
  const [centreY, centreX] = [mean(y), mean(x)];
  let sourceX = graph.op('Add', [row(x), centreX]);
  if (deskew) {
    const product = (a: Float32Array, b: Float32Array) => mean(a.map((value, p) => value * b[p]));
    const square = graph.op('Mul', [centreY, centreY]);
    const slant = graph.op('Div', [
      graph.op('Sub', [product(y, x), graph.op('Mul', [centreY, centreX])]),
      graph.op('Max', [graph.op('Sub', [product(y, y), square]), graph.constant(LEAST_MASS)]),
    ]);
    const shear = graph.op('Clip', [slant, graph.constant(-STEEPEST), graph.constant(STEEPEST)]);
    sourceX = graph.op('Add', [sourceX, graph.op('Mul', [row(y), shear])]);
  }
  const sourceY = graph.op('Add', [row(y), centreY]);
  // GridSample takes coordinates from −1 to 1, of the middles of the outermost pixels.
  const coordinate = (value: Value, middle: number) =>
    graph.op('Reshape', [
      graph.op('Mul', [value, graph.constant(1 / Math.max(middle, 0.5))]),
      graph.integers([-1, height, width, 1]),
    ]);
  const grid = graph.op('Concat', [coordinate(sourceX, midX), coordinate(sourceY, midY)], { axis: 3 });
  return graph.op('GridSample', [planes, grid], {
    mode: 'bilinear',
    padding_mode: 'zeros',
    align_corners: 1,
  });
}

/** Columns, then rows, multiplied by a band of Gaussian weights; beyond the edge it is dark. */
function smoothed(
  graph: Graph,
  planes: Value,
  [height, width]: readonly [number, number, number],
  deviation: number,
): Value {
  const across = graph.op('MatMul', [planes, band(graph, width, deviation)]);
  return graph.op('MatMul', [band(graph, height, deviation), across]);
}

/** size × size, symmetric: the weight of each pixel for each other by their distance. */
function band(graph: Graph, size: number, deviation: number): Value {
  const reach = Math.ceil(CUT * deviation);
  const weight = (distance: number) => Math.exp(-0.5 * (distance / deviation) ** 2);
  let total = 1;
  for (let distance = 1; distance <= reach; distance++) total += 2 * weight(distance);
  const weights = Float32Array.from({ length: size * size }, (_, p) => {
    const distance = Math.abs(Math.floor(p / size) - (p % size));
    return distance <= reach ? weight(distance) / total : 0;
  });
  return graph.constant(weights, [size, size]);
}
