import type { Sprites } from '../data/sprites.ts';
import type { Camera } from './camera.ts';

/** What a renderer needs once: places in map units, and the thumbnails, if there are any. */
export interface Scene {
  x: Float32Array;
  y: Float32Array;
  sprites: Sprites | undefined;
}

/** How the points look: RGBA bytes for each, and the order to paint them in. */
export interface Paint {
  colours: Uint8Array;
  order: Uint32Array;
}

/** Sizes in CSS pixels: of a dot, of a thumbnail, and how far dots have turned into thumbnails (0..1). */
export interface Marks {
  dot: number;
  tile: number;
  thumbnails: number;
}

/** Draws all points of a map onto a canvas. */
export interface Renderer {
  readonly name: string;
  /** Whether it can show thumbnails in place of dots. */
  readonly thumbnails: boolean;
  paint(paint: Paint): void;
  draw(camera: Camera, marks: Marks, pixelRatio: number): void;
}

/**
 * The size of marks at a zoom level. `spacing` is the room a point has at home, in CSS pixels: a dot takes
 * half of it and grows slowly; once there is room for a picture, the thumbnails fade in.
 */
export function marksAt(zoom: number, spacing: number, thumbnails: boolean): Marks {
  const tile = Math.min(60, 1.25 * spacing * zoom);
  const shown = thumbnails ? Math.min(Math.max((tile - 13) / 6, 0), 1) : 0;
  return { dot: Math.min(14, Math.max(2.6, 0.62 * spacing) * zoom ** 0.45), tile, thumbnails: shown };
}
