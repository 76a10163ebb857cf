import type { Sprites } from '../data/sprites.ts';
import type { Camera } from './camera.ts';

/** What a renderer needs at first: places in map units, and the thumbnails, if any. */
export interface Scene {
  x: Float32Array;
  y: Float32Array;
  sprites: Pick<Sprites, 'layout' | 'slots'> | undefined;
}

/** The points' colours, as RGBA bytes, and the order to paint them in. */
export interface Paint {
  colours: Uint8Array;
  order: Uint32Array;
}

/** How many points a coarse drawing has, about. */
const COARSE = 60_000;

/** A coarse drawing has the first of every so many points. */
export const coarseStride = (count: number): number => Math.max(1, Math.round(count / COARSE));

/** The sizes of dots and thumbnails in CSS pixels, and how far dots have turned into thumbnails (0..1). */
export interface Marks {
  dot: number;
  tile: number;
  thumbnails: number;
}

/** Draws all points of a map onto a canvas. */
export interface Renderer {
  readonly name: string;
  /** Whether its drawing hides what lies under it. */
  readonly opaque: boolean;
  /** Whether it can draw thumbnails in place of dots. */
  readonly thumbnails: boolean;
  paint(paint: Paint): void;
  /** Draws the points at other places from now on. */
  move(x: Float32Array, y: Float32Array): void;
  /** Draws the points or, if `coarse`, some evenly spaced ones of many. */
  draw(camera: Camera, marks: Marks, pixelRatio: number, coarse?: boolean): void;
  /** Draws all of many points as dots, some in each step, and shows them after the last. Left out where drawing takes no time. */
  drawInSteps?(camera: Camera, marks: Marks, pixelRatio: number): Generator<void, void>;
  /** Of the sheets of thumbnails that are looked at, those that it needs. Until it has them, it draws dots. */
  want(sheets: readonly number[]): number[];
  /** Takes a sheet that it needs, decoded. */
  upload(sheet: number, pixels: Uint8Array): void;
}

/** A tile's share of the room for a point. */
const TILE_SHARE = 1.25;
/** A thumbnail that can be recognised is this large, in CSS pixels. */
const CLEAR_TILE = 28;

/** The zoom at which thumbnails can be recognised. */
export const zoomToThumbnails = (spacing: number): number => CLEAR_TILE / (TILE_SHARE * spacing);

/**
 * The size of marks at a zoom level. `spacing` is the room for a point, in CSS pixels, when the whole map is shown: a
 * dot takes about half of it and grows slowly. Thumbnails fade in as soon as there is room for them.
 */
export function marksAt(zoom: number, spacing: number, thumbnails: boolean): Marks {
  const tile = Math.min(60, TILE_SHARE * spacing * zoom);
  const shown = thumbnails ? Math.min(Math.max((tile - 13) / 6, 0), 1) : 0;
  return { dot: Math.min(14, Math.max(2.6, 0.62 * spacing) * zoom ** 0.45), tile, thumbnails: shown };
}

/** The radius of a ring around a point, so that it clears the point's dot or thumbnail. */
export const ringRadius = ({ dot, tile, thumbnails }: Marks): number =>
  Math.max(7, thumbnails > 0.5 ? 0.62 * tile : dot / 2 + 3.5);
