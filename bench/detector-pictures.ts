import sharp from 'sharp';
import { Random } from '../kernels/random.ts';
import { buildReconstructionGraph } from '../training/autoencoder/export.ts';
import { trainAutoencoder } from '../training/autoencoder/train.ts';
import { openMatrix } from '../training/data/sources/matrix.ts';
import { DETECTORS } from '../training/detectors/registry.ts';
import { runDetector } from '../training/detectors/run.ts';
import { autoencoder } from '../training/index.ts';
import { planRun } from '../training/pipeline/plan.ts';
import type { Matrix } from '../training/runtime/rows.ts';
import { Scorer } from '../training/scorer/scorer.ts';

/**
 * Draws docs/images/detectors.webp: how each detector scores the plane after training on two moons, a tight cluster
 * and a little noise. Run it with `node bench/detector-pictures.ts`.
 */
const OUT = new URL('../docs/images/detectors.webp', import.meta.url);

const ROWS = 600;
const COLUMNS = 5;
/** Pixels of a panel and of the gap around it; the title is above it. */
const SIDE = 240;
const GAP = 14;
const TITLE = 26;
/** The plane goes from −HALF to HALF in both directions. */
const HALF = 3.2;
/** A pixel of the map is a square of this many pixels. */
const BLOCK = 2;

/** From ordinary to anomalous; the line, the rows and the letters. */
const COLOURS = ['#f7fafc', '#c9ddec', '#86b2d6', '#3f78b3', '#1b4a86', '#0b2550'].map(rgb);
const LINE = rgb('#e4572e');
const DOT = '#1f2933';

/** This share of new normal rows lies outside the line. */
const OUTSIDE = 0.05;

const [trained, fresh] = [drawMoons(1), drawMoons(2)];
const cells = SIDE / BLOCK;
const grid: Matrix = {
  values: Float32Array.from({ length: cells * cells * 2 }, (_, p) => {
    const [cell, axis] = [p >> 1, p & 1];
    const at = axis === 0 ? cell % cells : cells - 1 - Math.floor(cell / cells);
    return ((at + 0.5) / cells) * 2 * HALF - HALF;
  }),
  n: cells * cells,
  d: 2,
};

const panels: { title: string; picture: Buffer }[] = [];
for (const detector of Object.values(DETECTORS).filter(({ family }) => family !== 'reconstruction')) {
  const fitted = await detector.fit(trained, { seed: 1 });
  const level = (scores: Float32Array) => (fitted.units === 'ratio' ? scores.map(Math.log) : scores);
  const [map, usual] = [await runDetector(fitted, grid), await runDetector(fitted, fresh)].map(level);
  panels.push({ title: detector.name, picture: await drawPanel(map, usual) });
}
const error = await reconstructionError();
panels.unshift({
  title: 'reconstruction',
  picture: await drawPanel(await error(grid), await error(fresh)),
});
await sharp(await drawSheet(panels))
  .webp({ quality: 90 })
  .toFile(OUT.pathname);
console.log(`${panels.length} panels in ${OUT.pathname}`);

/** Two moons of half the rows each but for a tight cluster of 12 % and noise of 2 %. */
function drawMoons(seed: number): Matrix {
  const random = new Random(seed);
  const values = new Float32Array(ROWS * 2);
  for (let i = 0; i < ROWS; i++) {
    const share = i / ROWS;
    const angle = Math.PI * random.uniform();
    const [a, b] = [random.normal(), random.normal()];
    const upper = i % 2 === 0;
    let [x, y] = upper
      ? [Math.cos(angle) - 0.5, Math.sin(angle) - 0.25]
      : [0.5 - Math.cos(angle), 0.25 - Math.sin(angle)];
    [x, y] = [1.35 * x + 0.1 * a, 1.35 * y + 0.1 * b];
    if (share < 0.12) [x, y] = [2 + 0.06 * a, 1.8 + 0.06 * b];
    else if (share < 0.14) [x, y] = [HALF * (2 * random.uniform() - 1), HALF * (2 * random.uniform() - 1)];
    values.set([x, y], i * 2);
  }
  return { values, n: ROWS, d: 2 };
}

/** Logarithms of the squared errors of an autoencoder whose code is one number. */
async function reconstructionError(): Promise<(rows: Matrix) => Promise<Float32Array>> {
  const model = autoencoder({ widths: [64, 64], code: 1, epochs: 300, batch: 32, seed: 1 });
  const source = await openMatrix(trained.values, [2], model);
  const { training, ...found } = planRun(source, model);
  const { weights } = await trainAutoencoder(found.model, source, training);
  const scorer = await Scorer.load(
    buildReconstructionGraph({ model: found.model, weights, training, scaling: source.scaling }),
  );
  return async ({ values, n }) => {
    const { feature_error: errors } = await scorer.run(values, n, ['feature_error']);
    return Float32Array.from({ length: n }, (_, i) => Math.log(errors[2 * i] + errors[2 * i + 1]));
  };
}

/** Draws a map of scores, the line that 5 % of `usual` lie beyond, and the training rows. */
async function drawPanel(map: Float32Array, usual: Float32Array): Promise<Buffer> {
  const sorted = usual.toSorted();
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
  const [low, line] = [quantile(0.05), quantile(1 - OUTSIDE)];
  const high = line + 1.5 * (line - low);
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const score = map[Math.floor(y / BLOCK) * cells + Math.floor(x / BLOCK)];
      pixels.set(colour((score - low) / (high - low)), (y * SIDE + x) * 3);
    }
  }
  const outside = (x: number, y: number) => map[y * cells + x] > line;
  for (let y = 0; y < cells; y++) {
    for (let x = 0; x < cells; x++) {
      const right = x + 1 < cells && outside(x, y) !== outside(x + 1, y);
      const below = y + 1 < cells && outside(x, y) !== outside(x, y + 1);
      if (!right && !below) continue;
      for (let p = 0; p < BLOCK * BLOCK; p++) {
        const at = (y * BLOCK + Math.floor(p / BLOCK)) * SIDE + x * BLOCK + (p % BLOCK);
        pixels.set(LINE, at * 3);
      }
    }
  }
  const place = (value: number) => ((value + HALF) / (2 * HALF)) * SIDE;
  const dots = Array.from({ length: ROWS }, (_, i) => {
    const [x, y] = [place(trained.values[2 * i]), SIDE - place(trained.values[2 * i + 1])];
    return `<circle cx="${x}" cy="${y}" r="1.3" fill="${DOT}" fill-opacity="0.55"/>`;
  });
  return sharp(pixels, { raw: { width: SIDE, height: SIDE, channels: 3 } })
    .composite([{ input: Buffer.from(svg(SIDE, SIDE, dots)) }])
    .png()
    .toBuffer();
}

async function drawSheet(panels: readonly { title: string; picture: Buffer }[]): Promise<Buffer> {
  const width = COLUMNS * (SIDE + GAP) + GAP;
  const height = Math.ceil(panels.length / COLUMNS) * (SIDE + TITLE + GAP) + GAP;
  const at = (i: number) => ({
    left: GAP + (i % COLUMNS) * (SIDE + GAP),
    top: GAP + TITLE + Math.floor(i / COLUMNS) * (SIDE + TITLE + GAP),
  });
  const titles = panels.map(({ title }, i) => {
    const { left, top } = at(i);
    return `<text x="${left}" y="${top - 8}" font-family="sans-serif" font-size="16" fill="${DOT}">${title}</text>`;
  });
  return sharp({ create: { width, height, channels: 3, background: '#ffffff' } })
    .composite([
      ...panels.map(({ picture }, i) => ({ input: picture, ...at(i) })),
      { input: Buffer.from(svg(width, height, titles)) },
    ])
    .png()
    .toBuffer();
}

function svg(width: number, height: number, content: readonly string[]): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${content.join('')}</svg>`;
}

function colour(share: number): number[] {
  const at = Math.max(0, Math.min(1, share)) * (COLOURS.length - 1);
  const from = Math.min(COLOURS.length - 2, Math.floor(at));
  return COLOURS[from].map((value, c) => Math.round(value + (at - from) * (COLOURS[from + 1][c] - value)));
}

function rgb(hex: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(hex.slice(start, start + 2), 16));
}
