/** A step has so many draws that follow those of the step before; its later pieces draw far beyond them. */
const NEAR = 1024;
const FAR = 2 ** 40;

/** Numbers the draw of noise for a piece of a step's batch, counted from 0: no two pieces of a run share a draw. */
export const numberDraw = (step: number, piece: number): number =>
  FAR * Math.floor(piece / NEAR) + step * NEAR + (piece % NEAR);
