/** The pictures of the studies, as files of a bundle. */
export const STUDY_PICTURES = [
  'study-random.webp',
  'study-denoising.webp',
  'study-units.webp',
  'study-tilt.webp',
] as const;
