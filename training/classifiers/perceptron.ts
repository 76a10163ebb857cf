import { dense, plainStyle } from '../network/layers.ts';
import type { Method } from './classifier.ts';
import { trainNetwork } from './train.ts';

const HIDDEN = 512;
const RECIPE = { epochs: 12, batch: 256, learningRate: 1.5e-3, weightDecay: 1e-2 };

/** A multilayer perceptron: two hidden layers with 512 rectifiers each, and dropout (Srivastava et al. 2014). */
export const perceptron: Method = {
  name: 'multilayer perceptron',
  fit(samples, options) {
    const { d: dims, classes } = samples;
    const style = { activation: 'relu', normalisation: 'none', dropout: 0.25 } as const;
    const layers = [
      dense('hidden0', dims, HIDDEN, style),
      dense('hidden1', HIDDEN, HIDDEN, style),
      dense('output', HIDDEN, classes, plainStyle()),
    ];
    return trainNetwork({ layers, dims, classes, loss: 'cross_entropy' }, samples, RECIPE, options);
  },
};
