import { Random } from '../../kernels/random.ts';
import { findNeighbours } from '../../tsne/neighbours.ts';
import { estimateMaximumLikelihood, estimateTwoNn } from './intrinsic-dimension.ts';
import { type Study, selectClass, takeFirst } from './study.ts';

/** The most neighbours per point for maximum likelihood: the upper end of the range in Levina & Bickel 2004. */
const NEIGHBOURS = 20;

/** The most points per class. */
const PER_CLASS = 5000;
const QUICK_PER_CLASS = 300;

const STREAM = 31;

/** The intrinsic dimension of digits, compared with noise of the same size, whose numbers are all independent. */
export const dimensionStudy: Study<'dimension'> = {
  key: 'dimension',
  title: 'intrinsic dimension',
  expected: 11,
  work: 'maps',
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
        const own = takeFirst(selectClass(train, label), quick ? QUICK_PER_CLASS : PER_CLASS);
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
        two_nn: estimateTwoNn(neighbours),
        maximum_likelihood: estimateMaximumLikelihood(neighbours),
      });
    }
    return found;
  },
};
