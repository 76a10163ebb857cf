import { convolution, dense, divideByStride, lambdaLayer, plainStyle } from '../network/layers.ts';
import type { Method } from './classifier.ts';
import { shiftImage } from './shift.ts';
import { trainNetwork } from './train.ts';

/** The convolutions in order: channels, size of the kernel, stride. */
const CONVOLUTIONS = [
  { channels: 16, kernel: 5, stride: 2 },
  { channels: 32, kernel: 5, stride: 2 },
  { channels: 64, kernel: 3, stride: 1 },
];
const HIDDEN = 128;
const MOST_SHIFT = 2;
const RECIPE = { epochs: 6, batch: 128, learningRate: 4e-3, weightDecay: 1e-2 };

/**
 * A small convolutional network for greyscale images of this height and width: three convolutions with batch
 * normalisation, and a hidden layer with dropout. It is trained on images shifted by up to two pixels, since people
 * place their writing differently (LeCun et al. 1998; Simard, Steinkraus & Platt 2003).
 */
export const convolutionalNetwork = (height: number, width: number): Method => ({
  name: 'convolutional network',
  fit(samples, options) {
    const { d: dims, classes } = samples;
    if (dims !== height * width) {
      throw new RangeError(`an image of ${height} × ${width} has ${height * width} values, not ${dims}`);
    }
    const style = { activation: 'relu', normalisation: 'batch', dropout: 0 } as const;
    let size: [number, number] = [height, width];
    let inputs = 1;
    const layers = [lambdaLayer((graph, x) => graph.reshape(x, [0, 1, height, width]))];
    for (const [i, { channels, kernel, stride }] of CONVOLUTIONS.entries()) {
      layers.push(convolution(`conv${i}`, inputs, channels, { kernel, stride, size }, style));
      size = divideByStride(size, stride);
      inputs = channels;
    }
    const flat = inputs * size[0] * size[1];
    layers.push(
      lambdaLayer((graph, x) => graph.reshape(x, [0, flat])),
      dense('hidden', flat, HIDDEN, { ...style, normalisation: 'none', dropout: 0.4 }),
      dense('output', HIDDEN, classes, plainStyle()),
    );
    const augment = (image: Float32Array, random: Parameters<typeof shiftImage>[3]) =>
      shiftImage(image, [height, width], MOST_SHIFT, random);
    const network = { layers, dims, classes, loss: 'cross_entropy' } as const;
    return trainNetwork(network, samples, { ...RECIPE, augment }, options);
  },
});
