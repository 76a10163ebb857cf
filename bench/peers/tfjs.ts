import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-layers'; // registers the gradients of the operations
import { getThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { ADAM, BATCH, CODE, problem, WIDTHS } from './problem.ts';

const USAGE = `usage: node bench/peers/tfjs.ts wasm|cpu [transposed]

  transposed  write out the transposes of the backward pass, which matMul's own gradient leaves to the kernel`;

/** Steps to warm up, and measured steps. */
const STEPS: Readonly<Record<string, [number, number]>> = { wasm: [2, 8], cpu: [1, 2] };

const [backend = '', variant] = process.argv.slice(2);
if (!STEPS[backend] || (variant !== undefined && variant !== 'transposed')) {
  console.error(USAGE);
  process.exit(2);
}
if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js has no backend ${backend} here`);

const { weights, batch } = problem();
const x = tf.tensor2d(batch, [BATCH, WIDTHS[0]]);
const layers = weights.map((weight, i) => ({
  weight: tf.variable(tf.tensor2d(weight, [WIDTHS[i], WIDTHS[i + 1]]), true, `weight${i}`),
  bias: tf.variable(tf.zeros([WIDTHS[i + 1]]), true, `bias${i}`),
}));
const variables = layers.flatMap(({ weight, bias }) => [weight, bias]);
const adam = tf.train.adam(ADAM.rate, ADAM.beta1, ADAM.beta2, ADAM.epsilon);

/** The product whose gradient multiplies by transposes written out: the WebAssembly kernel is slow without. */
const transposing = tf.customGrad<[tf.Tensor, tf.Tensor]>((a, b, save) => {
  save([a, b]);
  return {
    value: tf.matMul(a, b),
    gradFunc: (dy, [a, b]) => [tf.matMul(dy, tf.transpose(b)), tf.matMul(tf.transpose(a), dy)],
  };
});
/** The same for the first layer, whose input needs no gradient. */
const transposingFirst = tf.customGrad<[tf.Tensor]>((b) => ({
  value: tf.matMul(x, b),
  gradFunc: (dy) => [tf.matMul(tf.transpose(x), dy)],
}));

function product(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (!variant) return tf.matMul(a, b);
  return a === x ? transposingFirst(b) : transposing(a, b);
}

/** Binary cross-entropy on logits z, softplus(z) − z x, summed over the features and averaged over the batch. */
function loss(): tf.Tensor {
  const logits = layers.reduce((input, { weight, bias }, i) => {
    const z = tf.add(product(input, weight), bias);
    return i === CODE || i === layers.length - 1 ? z : tf.relu(z);
  }, x);
  return tf.mul(tf.sum(tf.sub(tf.softplus(logits), tf.mul(logits, x))), 1 / BATCH);
}

/** Forward, backward and Adam; returns the loss. */
const step = () =>
  tf.tidy(() => {
    const { value, grads } = tf.variableGrads(loss, variables);
    adam.applyGradients(grads);
    return value.dataSync()[0];
  });

const [warm, measured] = STEPS[backend];
const losses: number[] = [];
const times: number[] = [];
for (let i = 0; i < warm + measured; i++) {
  const began = performance.now();
  losses.push(step());
  if (i >= warm) times.push(performance.now() - began);
}
console.log(
  JSON.stringify({
    ms_per_step: Math.min(...times),
    ms_per_step_median: times.toSorted((a, b) => a - b)[times.length >> 1],
    steps: measured,
    losses,
    version: tf.version_core,
    backend: backend === 'wasm' ? 'wasm, SIMD' : backend,
    threads: backend === 'wasm' ? getThreadsCount() : 1,
  }),
);
