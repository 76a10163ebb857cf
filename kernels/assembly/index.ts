// Numeric kernels over memory that the host lays out. Pointers are byte offsets; pointers to floats are multiples of 16.
// Each kernel has a plain TypeScript reference in kernels/.

export { adamw, momentum, nesterov, rmsprop, sgd } from './optimisers';
export { accumulate, clip, scale, sumOfSquares } from './gradients';
export { boxMuller, normal, seedLanes, uniform } from './noise';
export { attract, attract3 } from './tsne/attraction';
export { repelByTree } from './tsne/barnes-hut';
export { convolveColumns, convolveColumns3, restoreRows, transformRows } from './tsne/convolution';
export { fft } from './tsne/fft';
export { gatherField, sortPoints, spreadPoints } from './tsne/grid';
export { gatherField3, spreadPoints3 } from './tsne/grid3';
export { refineRow, searchLeaf, sortNearest } from './tsne/neighbours';
