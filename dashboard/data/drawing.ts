import { computeShares } from '../../bundle/fit-image.ts';

/** The side of an MNIST image, and of the box inside it that holds the digit. */
const SIDE = 28;
const BOX = 20;

/** Pixels darker than this, of 0..255, do not count as ink. */
const LEAST_INK = 16;

/** Height and width of an image, in pixels. */
export interface Size {
  height: number;
  width: number;
}

/** Whether images have the size of MNIST's digits. */
export const isMnistSize = ({ height, width }: Size): boolean => height === SIDE && width === SIDE;

/**
 * Turns a grey drawing (side × side, white ink on black, 0..255) into an image as MNIST makes them: the ink's
 * bounding box is scaled to fit 20 × 20 with its proportions kept, then moved so that its centre of mass is the
 * centre of the 28 × 28 image (LeCun, Cortes and Burges, "The MNIST database"). An empty drawing gives an empty
 * image.
 */
export function fitLikeMnist(drawing: Uint8Array, side: number): Float32Array {
  const box = inkBox(drawing, side);
  const image = new Float32Array(SIDE * SIDE);
  if (!box) return image;
  const scale = BOX / Math.max(box.width, box.height);
  const width = Math.max(1, Math.round(box.width * scale));
  const height = Math.max(1, Math.round(box.height * scale));
  const digit = resample(drawing, side, box, { height, width });
  const centre = centreOfMass(digit, width);
  const left = Math.round(SIDE / 2 - centre.x);
  const top = Math.round(SIDE / 2 - centre.y);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [x, y] = [left + column, top + row];
      if (x < 0 || x >= SIDE || y < 0 || y >= SIDE) continue;
      image[y * SIDE + x] = Math.round(digit[row * width + column]!);
    }
  }
  return image;
}

/** Scales a drawing (rows of `columns` pixels) to a size, without cropping or moving anything. */
export function shrink(drawing: Uint8Array, columns: number, size: Size): Float32Array {
  const whole = { left: 0, top: 0, width: columns, height: drawing.length / columns };
  return resample(drawing, columns, whole, size).map(Math.round);
}

/** The mean position of an image's light, in pixels from its top left corner. */
export function centreOfMass(image: ArrayLike<number>, width: number): { x: number; y: number } {
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < image.length; i++) {
    mass += image[i]!;
    x += image[i]! * ((i % width) + 0.5);
    y += image[i]! * (Math.floor(i / width) + 0.5);
  }
  return { x: x / mass, y: y / mass };
}

interface Box extends Size {
  left: number;
  top: number;
}

/** The bounding box of a drawing's ink; undefined if there is none. */
function inkBox(drawing: Uint8Array, side: number): Box | undefined {
  let [left, top, right, bottom] = [side, side, -1, -1];
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      if (drawing[row * side + column]! < LEAST_INK) continue;
      left = Math.min(left, column);
      right = Math.max(right, column);
      top = Math.min(top, row);
      bottom = Math.max(bottom, row);
    }
  }
  return right < 0 ? undefined : { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Scales a box of an image to a size, as training and the API scale images: down by area, up bilinearly. */
function resample(source: Uint8Array, columns: number, box: Box, { height, width }: Size): Float32Array {
  const across = computeShares(box.width, width);
  const down = computeShares(box.height, height);
  const line = new Float64Array(width);
  const target = new Float64Array(height * width);
  for (let y = 0; y < box.height; y++) {
    line.fill(0);
    for (let x = 0; x < box.width; x++) {
      const value = source[(box.top + y) * columns + box.left + x]!;
      for (let e = across.first[x]!; e < across.first[x + 1]!; e++) {
        line[across.place[e]!]! += across.weight[e]! * value;
      }
    }
    for (let e = down.first[y]!; e < down.first[y + 1]!; e++) {
      const start = down.place[e]! * width;
      for (let x = 0; x < width; x++) target[start + x]! += down.weight[e]! * line[x]!;
    }
  }
  return Float32Array.from(target);
}

/** An image with black and white exchanged. */
export const invert = (image: Float32Array): Float32Array => image.map((value) => 255 - value);

/** A square image turned by 90° clockwise. */
export function rotate(image: Float32Array): Float32Array {
  const side = Math.sqrt(image.length);
  return image.map((_, place) => image[(side - 1 - (place % side)) * side + Math.floor(place / side)]!);
}

/** An image whose pixels are drawn uniformly from 0 to 255. */
export const drawNoise = ({ height, width }: Size, random = Math.random): Float32Array =>
  Float32Array.from({ length: height * width }, () => Math.floor(256 * random()));
