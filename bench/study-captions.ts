/** What the figures of the studies are, in words, by the form of their keys; `$1` is a part of a key. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [
    /^map_of_(pixels|pca|code)_accuracy$/,
    'digits whose 10 nearest neighbours on a map of the $1 vote for their class',
  ],
  [/^map_of_(pixels|pca|code)_trustworthiness$/, 'trustworthiness of that map'],
  [/^(.+)_(pixels|pca|code)_accuracy$/, '$1 on $2: accuracy'],
  [/^(digits|noise|digit_\d)_(pixels|codes)_two_nn$/, 'intrinsic dimension of $1, $2: TwoNN'],
  [/^(digits|noise|digit_\d)_(pixels|codes)_maximum_likelihood$/, 'the same by maximum likelihood'],
  [
    /^code_(\d+)_pca_over_autoencoder_mse$/,
    'MSE of PCA with $1 components over that of an autoencoder with a code of $1',
  ],
  [/^denoise_(.+)_gain_db$/, 'removing noise ($1), over the best rank of PCA, dB'],
  [/^split_share_(\d+)_(\w+)$/, 'share of the digits that are torn on maps of $1 codes, start: $2'],
];

/** A figure of the studies in words; undefined for other keys. */
export function describeStudyFigure(key: string): string | undefined {
  const [form, words] = FORMS.find(([form]) => form.test(key)) ?? [];
  return (
    form &&
    key
      .replace(form, words!)
      .replaceAll('_', ' ')
      .replace(/\bpca\b/g, 'PCA')
      .replace(/\bsvm\b/g, 'SVM')
  );
}
