import { dense, plainStyle } from '../network/layers.ts';
import type { Method } from './classifier.ts';
import type { Network } from './network.ts';
import { trainNetwork } from './train.ts';

const RECIPE = { epochs: 20, batch: 256, learningRate: 2e-2, weightDecay: 1e-4 };

const linearMethod = (name: string, loss: Network['loss']): Method => ({
  name,
  fit(samples, options) {
    const { d: dims, classes } = samples;
    const network = { layers: [dense('linear', dims, classes, plainStyle())], dims, classes, loss };
    return trainNetwork(network, samples, RECIPE, options);
  },
});

/** Multinomial logistic regression: one linear layer, trained with the cross-entropy of its softmax. */
export const softmaxRegression = linearMethod('softmax regression', 'cross_entropy');

/** Linear support vector machines, one for each class against the rest, with the squared hinge loss. */
export const linearSvm = linearMethod('linear SVM', 'squared_hinge');
