import { Random } from '../../kernels/random.ts';
import { findNeighbours } from '../linear/nearest.ts';
import { maximumLikelihood, twoNearestNeighbours } from './intrinsic-dimension.ts';
import { first, ofClass, type Study } from './study.ts';

/** Neighbours of a point that maximum likelihood looks at, at most: the upper end in Levina & Bickel 2004. */
const NEIGHBOURS = 20;

/** Points of a class, and of noise: as many as there are test digits. */
const OF_CLASS = 5000;
const QUICK_OF_CLASS = 300;

const STREAM = 31;

/** How many dimensions digits have, beside noise of the same length, of which every number is its own. */
export const dimensionStudy: Study<'dimension'> = {
  key: 'dimension',
  title: 'intrinsic dimension',
  expected: 9,
  async run({ train, test, codes, seed, quick, threads }, report) {
    const random = Random.stream(seed, STREAM);
    const { n, d } = test;
    const { test: code } = codes;
    const clouds = [
      { data: 'digits, pixels', ...test },
      { data: 'digits, codes', ...code },
      {
        data: 'noise, pixels',
        values: Float32Array.from({ length: n * d }, () => random.uniform()),
        n,
        d,
      },
      {
        data: 'noise, codes',
        values: Float32Array.from({ length: n * code.d }, () => random.normal()),
        n,
        d: code.d,
      },
      ...Array.from({ length: test.classes }, (_, label) => {
        const own = first(ofClass(train, label), quick ? QUICK_OF_CLASS : OF_CLASS);
        return { data: `digit ${label}, pixels`, ...own };
      }),
    ];
    const found = [];
    for (const [i, cloud] of clouds.entries()) {
      const { data, n: points, d: ambient } = cloud;
      report(data, i / clouds.length);
      const neighbours = await findNeighbours(cloud, NEIGHBOURS, { threads });
      found.push({
        data,
        points,
        ambient,
        two_nn: twoNearestNeighbours(neighbours),
        maximum_likelihood: maximumLikelihood(neighbours),
      });
    }
    return found;
  },
};
