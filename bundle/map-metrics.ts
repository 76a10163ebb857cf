/** How distances between the points of a map can be measured. */
export const METRICS = ['euclidean', 'cosine', 'correlation', 'manhattan', 'hamming'] as const;
