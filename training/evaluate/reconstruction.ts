import { listEvidence } from '../../bundle/evidence.ts';
import type { Report } from '../../bundle/report.ts';
import type { Encoder } from '../autoencoder/encoder.ts';
import type { Pca } from '../linear/pca.ts';
import type { Samples, TrainingSamples } from '../network/samples.ts';
import { collectCopies } from '../runtime/collector.ts';
import type { RowReader } from '../runtime/rows.ts';
import { mean } from './metrics.ts';

/** Reads the first `n` training samples, in their current order, as the model sees them. */
export const createEncodedReader = (
  train: Pick<TrainingSamples, 'read'>,
  n: number,
  encoder: Encoder,
): RowReader => ({
  n,
  d: encoder.encoded,
  async read(start, size, target) {
    const raw = new Float32Array(size * encoder.features);
    await train.read(start, size, raw);
    const encoded = await encoder.encode(raw);
    target.set(encoded);
    collectCopies(raw.byteLength + encoded.byteLength);
  },
});

/** The mean squared error of each sample, [n], from its squared errors per feature (`feature_error`, n × features). */
export function measureErrors(featureErrors: Float32Array, features: number, encoded: number): Float32Array {
  const errors = new Float32Array(featureErrors.length / features);
  for (let p = 0; p < featureErrors.length; p++) errors[Math.floor(p / features)] += featureErrors[p];
  return errors.map((sum) => sum / encoded);
}

/**
 * Compares the autoencoder's `errors` on the test split with those of PCA with as many components as the code has
 * numbers. `labels` are indices into `classes`, if they are known.
 */
export async function reportReconstruction(
  errors: Float32Array,
  pca: Pca,
  encoder: Encoder,
  { test, labels, classes }: { test: Samples; labels: Uint8Array | undefined; classes: readonly string[] },
  options: { threads?: number } = {},
): Promise<Report['reconstruction']> {
  const { features } = encoder;
  const encodedTest: RowReader = {
    n: test.count,
    d: encoder.encoded,
    async read(start, size, target) {
      target.set(await encoder.encode(test.data.subarray(start * features, (start + size) * features)));
    },
  };
  const { residual } = await pca.project(encodedTest, options);
  const selectClass = (values: Float32Array, label: number) => values.filter((_, i) => labels?.[i] === label);
  return {
    test_mse: mean(errors),
    pca: { components: pca.count, test_mse: mean(residual), explained_variance: pca.explained },
    per_class: classes.map((name, label) => {
      const own = selectClass(errors, label);
      return {
        label: name,
        count: own.length,
        autoencoder_mse: own.length ? mean(own) : 0,
        pca_mse: own.length ? mean(selectClass(residual, label)) : 0,
      };
    }),
  };
}

/** A warning if the autoencoder reconstructs worse than PCA, and what that means for a score by these detectors. */
export function warnOfReconstruction(
  { test_mse, pca }: Pick<Report['reconstruction'], 'test_mse' | 'pca'>,
  detectors: readonly { readonly name: string }[],
): string | undefined {
  if (test_mse <= pca.test_mse) return undefined;
  const evidence = listEvidence(detectors);
  const matters =
    evidence.has('error') || evidence.has('code')
      ? 'the score, the map and the expected values suffer'
      : 'the score does not depend on it, but the map and the expected values do';
  const [own, linear] = [test_mse, pca.test_mse].map((mse) => mse.toPrecision(3));
  return `the autoencoder reconstructs test samples worse than PCA with as many components (mean squared error ${own}, PCA ${linear}): ${matters}; try more --epochs, a larger --patience, or another --learning-rate`;
}
