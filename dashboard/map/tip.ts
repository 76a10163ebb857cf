import type { Place } from './camera.ts';

/** Width and height in CSS pixels. */
export interface Box {
  width: number;
  height: number;
}

/** The least distance of a tip from the edges of the map. */
const EDGE = 8;

/**
 * The top left corner of a tip about a place on screen: `gap` to its right or, where there is no room, to its left, and
 * inside the map wherever it fits.
 */
export function placeTip(at: Place, gap: number, tip: Box, map: Box): { left: number; top: number } {
  const right = at.x + gap;
  const left = right + tip.width > map.width ? at.x - gap - tip.width : right;
  const top = Math.min(Math.max(at.y - tip.height / 2, EDGE), map.height - tip.height - EDGE);
  return { left: Math.max(left, EDGE), top };
}
