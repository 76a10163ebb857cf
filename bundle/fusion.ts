/** How the detectors' surprises become the score: by their mean, the largest, or the mean of the two largest. */
export const FUSIONS = ['mean', 'max', 'top2'] as const;
export type Fusion = (typeof FUSIONS)[number];

/** What the score is "of the surprises", in words. */
export const FUSION_WORDS: Readonly<Record<Fusion, string>> = {
  mean: 'the mean',
  max: 'the largest',
  top2: 'the mean of the two largest',
};

/** The rule of a model; models of the time before there was a choice have the mean. */
export const fusionOf = ({ fusion = 'mean' }: { readonly fusion?: Fusion | undefined }): Fusion => fusion;
