import { expect, test } from 'vitest';
import { warnOfReconstruction } from '../../../training/evaluate/reconstruction.ts';

const pca = { components: 3, test_mse: 0.25, explained_variance: 0.9 };

test('an autoencoder that reconstructs worse than PCA is a warning, which says what suffers', () => {
  expect(warnOfReconstruction({ test_mse: 0.25, pca }, [{ name: 'knn:input' }])).toBeUndefined();
  const rowsOnly = [{ name: 'knn:input' }, { name: 'mixture:projection' }];
  expect(warnOfReconstruction({ test_mse: 0.5, pca }, rowsOnly)).toMatch(
    /worse than PCA .* \(mean squared error 0.500, PCA 0.250\): the score does not depend on it/,
  );
  for (const name of ['knn:code', 'reconstruction:difference', 'loss:loss']) {
    expect(warnOfReconstruction({ test_mse: 0.5, pca }, [...rowsOnly, { name }])).toContain(
      'the score, the map',
    );
  }
});
