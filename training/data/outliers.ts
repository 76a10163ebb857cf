import { Random } from '../random.ts';
import type { LabelledImages } from './mnist.ts';

/** Samples that are off the manifold by construction, made from a normal test split of u8 images. */
export interface OutlierSet {
  readonly name: string;
  readonly description: string;
  readonly data: Uint8Array;
  readonly count: number;
}

/** As many of each kind as there are images: uniform noise, inverted images, images turned by 90°. */
export function outlierSets(images: LabelledImages, seed: number): OutlierSet[] {
  const { count } = images;
  return [
    {
      name: 'noise',
      description: 'every pixel drawn uniformly from 0 to 255',
      data: noise(images.data.length, seed),
      count,
    },
    {
      name: 'inverted',
      description: 'test digits in negative: black on white',
      data: images.data.map((v) => 255 - v),
      count,
    },
    { name: 'rotated', description: 'test digits turned by 90° clockwise', data: rotate(images), count },
  ];
}

function noise(length: number, seed: number): Uint8Array {
  const random = new Random(seed);
  const values = new Uint8Array(length);
  for (let i = 0; i < length; i++) values[i] = random.below(256);
  return values;
}

/** Each image turned by 90° clockwise. */
function rotate({ data, count, height, width }: LabelledImages): Uint8Array {
  const turned = new Uint8Array(data.length);
  const size = height * width;
  for (let i = 0; i < count; i++) {
    for (let row = 0; row < height; row++) {
      for (let column = 0; column < width; column++) {
        turned[i * size + column * height + (height - 1 - row)] = data[i * size + row * width + column];
      }
    }
  }
  return turned;
}
