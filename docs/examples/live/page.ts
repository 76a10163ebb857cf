// Draws the map while t-SNE runs in a worker. ?n=5000&iterations=500 are the defaults.
import { CLUSTERS } from './points.ts';
import type { Frame } from './worker.ts';

const canvas = document.querySelector('canvas')!;
const progress = document.querySelector('#progress')!;
const context = canvas.getContext('2d')!;
const query = new URLSearchParams(location.search);
const n = Number(query.get('n') ?? 5000);
const iterations = Number(query.get('iterations') ?? 500);

let latest: Float32Array | undefined;
let began = 0;

function draw(): void {
  requestAnimationFrame(draw);
  if (!latest) return;
  const map = latest;
  latest = undefined;
  const extent = map.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  const place = (value: number) => (0.5 + (0.48 * value) / extent) * canvas.width;
  context.clearRect(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < n; i++) {
    context.fillStyle = `hsl(${((i % CLUSTERS) * 360) / CLUSTERS} 65% 50%)`;
    context.fillRect(place(map[2 * i]!), place(-map[2 * i + 1]!), 4, 4);
  }
}

const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
worker.onmessage = ({ data: { embedding, iteration } }: MessageEvent<Frame>) => {
  latest = embedding;
  if (iteration === 0) {
    // The final map, for whoever looks.
    Object.assign(window, { embedding });
    progress.textContent += ', done';
    return;
  }
  if (iteration === 1) began = performance.now();
  const rate = ((iteration - 1) / (performance.now() - began)) * 1000 || 0;
  progress.textContent = `Iteration ${iteration} of ${iterations}, ${rate.toFixed(0)} per second`;
};
worker.onerror = ({ message }) => {
  progress.textContent = `The map cannot be made: ${message}`;
};
worker.postMessage({ n, iterations });
draw();
