// Places vectors in the plane by t-SNE.
import { tsne } from 'offmanifold/tsne';

const [n, d] = [300, 4];
// Three clusters in four dimensions.
const values = Float32Array.from({ length: n * d }, (_, p) => {
  const [i, j] = [Math.floor(p / d), p % d];
  return 10 * Number(i % 3 === j) + Math.sin(i * (j + 1));
});
const { embedding, klDivergence } = await tsne({ values, n, d }, { perplexity: 10 });
console.log(embedding.length / 2, klDivergence.at(-1));
