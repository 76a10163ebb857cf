// Makes the map in a worker, and sends it after every iteration.
import { tsne } from 'offmanifold/tsne';
import { createPoints } from './points.ts';

export interface Frame {
  embedding: Float32Array;
  /** From 1; 0 for the final map. */
  iteration: number;
}

self.onmessage = async ({ data }: MessageEvent<{ n: number; iterations: number }>) => {
  const send = (frame: Frame) => self.postMessage(frame);
  const { embedding } = await tsne(createPoints(data.n), {
    iterations: data.iterations,
    onIteration: (embedding, iteration) => send({ embedding, iteration }),
  });
  send({ embedding, iteration: 0 });
};
