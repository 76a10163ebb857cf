/** Which part of the map is on screen: its centre in map units, and how much closer it is than the whole map. */
export interface Framing {
  x: number;
  y: number;
  zoom: number;
}

/** Whether two framings, of which undefined is the whole map, are the same. */
export const sameFraming = (a: Framing | undefined, b: Framing | undefined): boolean =>
  a?.x === b?.x && a?.y === b?.y && a?.zoom === b?.zoom;
