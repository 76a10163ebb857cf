// Trains on rows of numbers, and writes a bundle to models/sensors.
import { autoencoder, train } from 'offmanifold/training';

// 2,000 readings of five sensors that follow one hidden quantity, along a curve.
const rows = Array.from({ length: 2000 }, (_, i) =>
  Array.from({ length: 5 }, (_, j) => Math.sin((j + 1) * (i / 2000))),
);
const model = autoencoder({ widths: [32, 16], code: 1, epochs: 20, seed: 1 });
const manifest = await train(model, rows, { out: 'models/sensors' });
console.log(manifest.model_id, manifest.headline);
