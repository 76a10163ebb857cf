// Numeric kernels over memory that the host lays out; pointers are byte offsets, those of floats multiples
// of 16. Each has a plain TypeScript reference of the same name in kernels/.

export { adam, adamw, momentum, nesterov, rmsprop, sgd } from './optimisers';
export { clip, scale, sumOfSquares } from './clipping';
export { gather, gatherFloat, gatherStandardised } from './gather';
export { boxMuller, normal, seedLanes, uniform } from './noise';
export { gaussian, masking, saltAndPepper } from './corruption';
