import type { Matrix } from '../../../training/runtime/rows.ts';

/** Rows and what R's `covMcd` makes of them: the results in the tests of robustbase (`tests/tmcd.Rout.save`). */
interface Example {
  readonly rows: Matrix;
  readonly h: number;
  /** Counted from 1, as in R. */
  readonly subset: readonly number[];
  readonly outliers: readonly number[];
  readonly logDet: number;
  readonly location: readonly number[];
  readonly covariance: readonly number[];
}

const numbersIn = (text: string) => text.trim().split(/\s+/).map(Number);

const rowsIn = (text: string, d: number): Matrix => {
  const values = Float32Array.from(numbersIn(text));
  return { values, n: values.length / d, d };
};

/** Hawkins, Bradu & Kass, Technometrics 26, 1984, page 205: the three explanatory variables. */
export const HBK: Example = {
  rows: rowsIn(
    `10.1 19.6 28.3  9.5 20.5 28.9  10.7 20.2 31  9.9 21.5 31.7  10.3 21.1 31.1  10.8 20.4 29.2
     10.5 20.9 29.1  9.9 19.6 28.8  9.7 20.7 31  9.3 19.7 30.3  11 24 35  12 23 37  12 26 34  11 34 34
     3.4 2.9 2.1  3.1 2.2 0.3  0 1.6 0.2  2.3 1.6 2  0.8 2.9 1.6  3.1 3.4 2.2  2.6 2.2 1.9  0.4 3.2 1.9
     2 2.3 0.8  1.3 2.3 0.5  1 0 0.4  0.9 3.3 2.5  3.3 2.5 2.9  1.8 0.8 2  1.2 0.9 0.8  1.2 0.7 3.4
     3.1 1.4 1  0.5 2.4 0.3  1.5 3.1 1.5  0.4 0 0.7  3.1 2.4 3  1.1 2.2 2.7  0.1 3 2.6  1.5 1.2 0.2
     2.1 0 1.2  0.5 2 1.2  3.4 1.6 2.9  0.3 1 2.7  0.1 3.3 0.9  1.8 0.5 3.2  1.9 0.1 0.6  1.8 0.5 3
     3 0.1 0.8  3.1 1.6 3  3.1 2.5 1.9  2.1 2.8 2.9  2.3 1.5 0.4  3.3 0.6 1.2  0.3 0.4 3.3  1.1 3 0.3
     0.5 2.4 0.9  1.8 3.2 0.9  1.8 0.7 0.7  2.4 3.4 1.5  1.6 2.1 3  0.3 1.5 3.3  0.4 3.4 3  0.9 0.1 0.3
     1.1 2.7 0.2  2.8 3 2.9  2 0.7 2.7  0.2 1.8 0.8  1.6 2 1.2  0.1 0 1.1  2 0.6 0.3  1 2.2 2.9
     2.2 2.5 2.3  0.6 2 1.5  0.3 1.7 2.2  0 2.2 1.6  0.3 0.4 2.6`,
    3,
  ),
  h: 39,
  subset: numbersIn(
    `15 16 17 18 19 20 21 22 23 24 26 27 31 32 33 35 36 37 38 40 43 49 50 51 54
     55 56 58 59 61 63 64 66 67 70 71 72 73 74`,
  ),
  outliers: numbersIn('1 2 3 4 5 6 7 8 9 10 11 12 13 14'),
  logDet: -1.047858,
  location: [1.54, 1.78, 1.69],
  covariance: [1.6528, 0.0741, 0.1713, 0.0741, 1.6823, 0.2055, 0.1713, 0.2055, 1.562],
};

/** Rousseeuw & Leroy, Robust regression and outlier detection, 1987, page 27: log temperature and log light intensity. */
export const STARS: Example = {
  rows: rowsIn(
    `4.37 5.23  4.56 5.74  4.26 4.93  4.56 5.74  4.3 5.19  4.46 5.46  3.84 4.65  4.57 5.27  4.26 5.57
     4.37 5.12  3.49 5.73  4.43 5.45  4.48 5.42  4.01 4.05  4.29 4.26  4.42 4.58  4.23 3.94  4.42 4.18
     4.23 4.18  3.49 5.89  4.29 4.38  4.29 4.22  4.42 4.42  4.49 4.85  4.38 5.02  4.42 4.66  4.29 4.66
     4.38 4.9  4.22 4.39  3.48 6.05  4.38 4.42  4.56 5.1  4.45 5.22  3.49 6.29  4.23 4.34  4.62 5.62
     4.53 5.1  4.45 5.22  4.53 5.18  4.43 5.57  4.38 4.62  4.45 5.06  4.5 5.34  4.45 5.34  4.55 5.54
     4.45 4.98  4.42 4.5`,
    2,
  ),
  h: 25,
  subset: numbersIn('1 2 4 6 8 10 12 13 16 24 25 26 28 32 33 37 38 39 40 41 42 43 44 45 46'),
  outliers: numbersIn('7 11 14 20 30 34'),
  logDet: -8.031215,
  location: [4.41, 4.95],
  covariance: [0.0171, 0.0511, 0.0511, 0.3555],
};
