// Numeric kernels over memory that the host lays out; pointers are byte offsets, those of floats multiples
// of 16. Each has a plain TypeScript reference of the same name in kernels/.

export { adamw, momentum, nesterov, rmsprop, sgd } from './optimisers';
export { accumulate, clip, scale, sumOfSquares } from './gradients';
export { boxMuller, normal, seedLanes, uniform } from './noise';
