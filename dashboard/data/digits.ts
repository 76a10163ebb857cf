import { coverPixels } from '../../bundle/fit-image.ts';

/** The side of an MNIST image, and of the box inside it that holds the digit. */
const SIDE = 28;
const BOX = 20;

/** Height and width of an image. */
export interface Size {
  height: number;
  width: number;
}

/** Whether images have the size of MNIST's digits. */
export const isMnistSize = ({ height, width }: Size): boolean => height === SIDE && width === SIDE;

/**
 * A grey drawing (side × side, white ink on black, 0..255) as MNIST would hold it: the ink's bounding box
 * scaled to fit 20 × 20 with its proportions kept, by averaging areas, then moved so that its centre of mass
 * is the centre of the 28 × 28 image (LeCun, Cortes and Burges, "The MNIST database"). An empty drawing
 * gives an empty image.
 */
export function toMnist(drawing: Uint8Array, side: number): Float32Array {
  const box = inkBox(drawing, side);
  const image = new Float32Array(SIDE * SIDE);
  if (!box) return image;
  const scale = BOX / Math.max(box.width, box.height);
  const width = Math.max(1, Math.round(box.width * scale));
  const height = Math.max(1, Math.round(box.height * scale));
  const digit = averageAreas(drawing, side, box, { height, width });
  let mass = 0;
  let x = 0;
  let y = 0;
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const value = digit[row * width + column]!;
      mass += value;
      x += value * (column + 0.5);
      y += value * (row + 0.5);
    }
  }
  const left = Math.round(SIDE / 2 - x / mass);
  const top = Math.round(SIDE / 2 - y / mass);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const to = [left + column, top + row] as const;
      if (to.some((place) => place < 0 || place >= SIDE)) continue;
      image[to[1] * SIDE + to[0]] = Math.round(digit[row * width + column]!);
    }
  }
  return image;
}

/** A drawing (of rows of `columns` pixels) shrunk to a size as it lies, without moving or fitting anything. */
export function shrink(drawing: Uint8Array, columns: number, size: Size): Float32Array {
  const whole = { left: 0, top: 0, width: columns, height: drawing.length / columns };
  return averageAreas(drawing, columns, whole, size).map(Math.round);
}

interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

function inkBox(drawing: Uint8Array, side: number): Box | undefined {
  let [left, top, right, bottom] = [side, side, -1, -1];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      if (drawing[row * side + column]! < 16) continue;
      left = Math.min(left, column);
      right = Math.max(right, column);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Resamples a box of an image: each target pixel is the mean of the source area that it covers. */
function averageAreas(source: Uint8Array, columns: number, box: Box, { height, width }: Size): Float32Array {
  const target = new Float32Array(width * height);
  const across = Array.from({ length: width }, (_, i) => coverPixels(i, box.width, width));
  for (let row = 0; row < height; row++) {
    const down = coverPixels(row, box.height, height);
    for (const [column, along] of across.entries()) {
      let sum = 0;
      for (const [k, tall] of down.parts.entries()) {
        const start = (box.top + down.first + k) * columns + box.left + along.first;
        for (const [l, wide] of along.parts.entries()) sum += tall * wide * source[start + l]!;
      }
      target[row * width + column] = sum / (down.length * along.length);
    }
  }
  return target;
}

/** Black for white and white for black. */
export const inverted = (image: Float32Array): Float32Array => image.map((value) => 255 - value);

/** A square image turned by 90° clockwise. */
export function rotated(image: Float32Array): Float32Array {
  const side = Math.sqrt(image.length);
  return image.map((_, place) => image[(side - 1 - (place % side)) * side + Math.floor(place / side)]!);
}

/** Every pixel drawn at random from 0 to 255. */
export const noise = ({ height, width }: Size): Float32Array =>
  Float32Array.from({ length: height * width }, () => Math.floor(256 * Math.random()));
