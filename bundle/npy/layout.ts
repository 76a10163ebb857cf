import { DataError } from '../error.ts';
import { type DType, parseDType } from './dtype.ts';
import { parseNpyHeader } from './header.ts';

/** Where the values of a .npy file are: N samples of `shape`. */
export interface NpyLayout {
  readonly dtype: DType;
  readonly count: number;
  /** One sample's shape; `features` is its product. */
  readonly shape: readonly number[];
  readonly features: number;
  /** Number of bytes before the first element. */
  readonly start: number;
  /** Whether the columns are in the file one after the other, as in Fortran order. */
  readonly byColumn: boolean;
  /** The place in the file of each feature, among those of its row; undefined if they are in order. */
  readonly places: Uint32Array | undefined;
}

/**
 * Where the values of a .npy file are, from its first bytes, which hold the whole header, and its size. Channels before
 * height and width come last. Throws a {@link DataError} that names the file by `where` if it is not a matrix of samples.
 */
export function layOutNpy(head: Uint8Array, size: number, where: string): NpyLayout {
  const header = parseNpyHeader(head, where);
  const dtype = parseDType(header.dtype, where);
  const [count, ...axes] = header.shape as [number, ...number[]];
  const features = axes.reduce((a, b) => a * b, 1);
  const strides = stridesOf(axes, header.fortran);
  const [channels, height, width] = axes as [number, number, number];
  const channelsFirst = axes.length === 3 && isChannels(channels) && !isChannels(width);
  if (channelsFirst) strides.push(strides.shift()!);
  const shape = channelsFirst ? [height, width, channels] : axes;
  const places = placeFeatures(shape, strides);
  const expected = header.length + count * features * dtype.bytes;
  if (size !== expected) {
    const how = size < expected ? 'truncated' : 'too long';
    const array = `${header.shape.join(' × ')} array of ${header.dtype}`;
    throw new DataError(`${where}: ${how}: ${size} bytes, a ${array} takes ${expected}`);
  }
  return {
    dtype,
    count,
    shape,
    features,
    start: header.length,
    byColumn: header.fortran,
    places: places.every((place, feature) => place === feature) ? undefined : places,
  };
}

/** Whether an axis of images is that of grey or of red, green and blue. */
const isChannels = (length: number): boolean => length === 1 || length === 3;

/** How far apart in the file, in values of a row, two values are whose index along an axis differs by 1. */
function stridesOf(shape: readonly number[], fortran: boolean): number[] {
  return shape.map((_, axis) =>
    (fortran ? shape.slice(0, axis) : shape.slice(axis + 1)).reduce((a, b) => a * b, 1),
  );
}

/** The place in the file of each feature of a row, for features in the order of `shape`, the last index fastest. */
function placeFeatures(shape: readonly number[], strides: readonly number[]): Uint32Array {
  const features = shape.reduce((a, b) => a * b, 1);
  return new Uint32Array(features).map((_, feature) => {
    let rest = feature;
    let place = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return place;
  });
}
