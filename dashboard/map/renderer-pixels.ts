import type { Camera } from './camera.ts';
import { type Dots, drawDots, gridOf, type Raster } from './raster.ts';
import { drawTiles } from './raster-tiles.ts';
import { coarseStride, type Marks, type Paint, type Renderer, type Scene } from './renderer.ts';

/** Decoded sheets of thumbnails take at most this much memory. */
const MOST_BYTES = 96 * 2 ** 20;

/** How many of many points a step draws. */
const STEP = 30_000;

/**
 * Draws the map into memory and from there onto a 2-D canvas: where there is no WebGL2, or only one in software, which needs
 * many times longer for each frame.
 */
export function createPixelRenderer(canvas: HTMLCanvasElement, { x, y, sprites }: Scene): Renderer {
  // With alpha: a new size clears the canvas, which would be black until the next frame without it.
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  let image = new ImageData(1, 1);
  let raster: Raster = { words: new Uint32Array(1), width: 1, height: 1 };
  let dots: Dots = { x, y, colours: new Uint32Array(x.length), order: new Uint32Array() };
  let ground = 0;
  const sheets = new Map<number, Uint8Array>();

  const takeSize = () => {
    const { width, height } = canvas;
    if (raster.width === width && raster.height === height) return;
    image = new ImageData(width, height);
    raster = { words: new Uint32Array(image.data.buffer), width, height };
  };

  return {
    name: 'Canvas',
    opaque: true,
    thumbnails: sprites !== undefined,
    want(wanted) {
      if (!sprites) return [];
      const { width, perSheet, columns, tile } = sprites.layout;
      const bytes = width * Math.ceil(perSheet / columns) * tile.height * tile.channels;
      const kept = wanted.slice(0, Math.max(2, Math.floor(MOST_BYTES / bytes)));
      if (sheets.size > kept.length) {
        for (const sheet of sheets.keys()) if (!kept.includes(sheet)) sheets.delete(sheet);
      }
      return kept.filter((sheet) => !sheets.has(sheet));
    },
    upload: (sheet, pixels) => sheets.set(sheet, pixels),
    paint({ colours, order }: Paint) {
      dots = { ...dots, colours: new Uint32Array(colours.buffer, colours.byteOffset, x.length), order };
      ground = groundOf(canvas);
    },
    move(x, y) {
      dots = { ...dots, x, y };
    },
    draw(camera: Camera, marks: Marks, pixelRatio: number, coarse = false) {
      takeSize();
      raster.words.fill(ground);
      const grid = gridOf(raster, camera.view, pixelRatio);
      const dot = marks.dot * pixelRatio;
      if (sprites && marks.thumbnails > 0) {
        const sizes = { dot, tile: marks.tile * pixelRatio, thumbnails: marks.thumbnails };
        drawTiles(raster, dots, grid, { ...sprites, sheets }, sizes);
      } else drawDots(raster, dots, grid, dot, coarse ? coarseStride(dots.order.length) : 1);
      context.putImageData(image, 0, 0);
    },
    *drawInSteps(camera: Camera, marks: Marks, pixelRatio: number) {
      takeSize();
      raster.words.fill(ground);
      const grid = gridOf(raster, camera.view, pixelRatio);
      const { order } = dots;
      for (let from = 0; from < order.length; from += STEP) {
        drawDots(raster, { ...dots, order: order.subarray(from, from + STEP) }, grid, marks.dot * pixelRatio);
        yield;
      }
      context.putImageData(image, 0, 0);
    },
  };
}

/** The colour behind a canvas as a word. */
function groundOf(canvas: HTMLCanvasElement): number {
  const probe = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })!;
  probe.fillStyle = getComputedStyle(canvas.parentElement!).backgroundColor;
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  return (0xff000000 | (blue! << 16) | (green! << 8) | red!) >>> 0;
}
