import type { Canonical } from '../../bundle/manifest.ts';
import type { Graph, Value } from '../onnx/graph/graph.ts';

/** The largest shear, in pixels per row: strokes slant less. */
const STEEPEST = 1;
/** Keeps the moments of an empty image finite. */
const LEAST_MASS = 1e-6;
/** The Gaussian is cut off at this many standard deviations. */
const CUT = 4;

/**
 * Brings images (N × height·width·channels, brightness from 0 up on a dark background) into a canonical pose, as far
 * as `pose` and `smoothing` ask: moves their centre of mass to the middle, shears them until their second moments
 * show no slant (LeCun et al. 1998, section III.A), and smooths them with a Gaussian of `smoothing` pixels.
 */
export function canonicalise(graph: Graph, x: Value, { shape, pose, smoothing }: Canonical): Value {
  const [height, width, channels] = shape;
  const planes = graph.transpose(graph.reshape(x, [-1, height, width, channels]), [0, 3, 1, 2]);
  const posed = pose === 'as_is' ? planes : resampleByMoments(graph, planes, shape, pose === 'deskewed');
  const smooth = smoothing > 0 ? smoothPlanes(graph, posed, shape, smoothing) : posed;
  const last = graph.transpose(smooth, [0, 2, 3, 1]);
  return graph.reshape(last, [-1, height * width * channels]);
}

/**
 * Samples each image where its moments say: the pixel (y, x) of the result is at y − y₀ + ȳ and
 * x − x₀ + x̄ + a (y − y₀) of the image, with (y₀, x₀) the middle, (ȳ, x̄) the centre of mass and a = μ₁₁ / μ₂₀.
 */
function resampleByMoments(
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
  const brightness = channels === 1 ? planes : graph.reduceMean(planes, [1], true);
  const image = graph.reshape(brightness, [-1, pixels]);
  const moment = (values: Float32Array) => graph.matMul(image, graph.constant(values, [pixels, 1]));
  const mass = graph.max(moment(new Float32Array(pixels).fill(1)), LEAST_MASS);
  const mean = (values: Float32Array) => graph.div(moment(values), mass);
  const [centreY, centreX] = [mean(y), mean(x)];
  let sourceX = graph.add(row(x), centreX);
  if (deskew) {
    const product = (a: Float32Array, b: Float32Array) => mean(a.map((value, p) => value * b[p]));
    const square = graph.square(centreY);
    const slant = graph.div(
      graph.sub(product(y, x), graph.mul(centreY, centreX)),
      graph.max(graph.sub(product(y, y), square), LEAST_MASS),
    );
    const shear = graph.clip(slant, -STEEPEST, STEEPEST);
    sourceX = graph.add(sourceX, graph.mul(row(y), shear));
  }
  const sourceY = graph.add(row(y), centreY);
  // GridSample takes coordinates from −1 to 1, which are the centres of the outermost pixels.
  const coordinate = (value: Value, middle: number) =>
    graph.reshape(graph.mul(value, 1 / Math.max(middle, 0.5)), [-1, height, width, 1]);
  const grid = graph.concat([coordinate(sourceX, midX), coordinate(sourceY, midY)], 3);
  return graph.op('GridSample', [planes, grid], {
    mode: 'bilinear',
    padding_mode: 'zeros',
    align_corners: 1,
  });
}

/** Multiplies columns, then rows, by a band of Gaussian weights. Beyond the edge the image is dark. */
function smoothPlanes(
  graph: Graph,
  planes: Value,
  [height, width]: readonly [number, number, number],
  deviation: number,
): Value {
  const across = graph.matMul(planes, buildBand(graph, width, deviation));
  return graph.matMul(buildBand(graph, height, deviation), across);
}

/** size × size, symmetric: the weight of each pixel for each other, by their distance. */
function buildBand(graph: Graph, size: number, deviation: number): Value {
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
