// Places points in the plane by t-SNE, from their nearest neighbours.
import { tsne } from 'offmanifold/tsne';

const n = 300;
const k = 30;
// Three clusters in four dimensions.
const points = Array.from({ length: n }, (_, i) =>
  Array.from({ length: 4 }, (_, j) => 10 * Number(i % 3 === j) + Math.sin(i * (j + 1))),
);
const indices = new Int32Array(n * k);
const distances = new Float32Array(n * k);
for (const [i, point] of points.entries()) {
  const others = points
    .map((other, index) => ({ index, distance: Math.hypot(...other.map((value, j) => value - point[j]!)) }))
    .filter(({ index }) => index !== i)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, k);
  indices.set(
    others.map(({ index }) => index),
    i * k,
  );
  distances.set(
    others.map(({ distance }) => distance),
    i * k,
  );
}
const initial = Float32Array.from(points.flatMap((point) => point.slice(0, 2)));
const { embedding, klDivergence } = await tsne({ k, indices, distances }, initial, { perplexity: 10 });
console.log(embedding.length / 2, klDivergence.at(-1));
