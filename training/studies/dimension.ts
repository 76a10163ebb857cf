import { Random } from '../../kernels/random.ts';
import { nearestNeighbours } from '../linear/neighbours.ts';
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
    const { count, dims } = test;
    const { test: code } = codes;
    const clouds = [
      { data: 'digits, pixels', features: test.features, dims },
      { data: 'digits, codes', features: code.features, dims: code.dims },
      {
        data: 'noise, pixels',
        features: Float32Array.from({ length: count * dims }, () => random.uniform()),
        dims,
      },
      {
        data: 'noise, codes',
        features: Float32Array.from({ length: count * code.dims }, () => random.normal()),
        dims: code.dims,
      },
      ...Array.from({ length: test.classes }, (_, label) => {
        const own = first(ofClass(train, label), quick ? QUICK_OF_CLASS : OF_CLASS);
        return { data: `digit ${label}, pixels`, features: own.features, dims };
      }),
    ];
    const found = [];
    for (const [i, { data, features, dims: ambient }] of clouds.entries()) {
      report(data, i / clouds.length);
      const points = features.length / ambient;
      const neighbours = await nearestNeighbours(features, points, ambient, NEIGHBOURS, { threads });
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
