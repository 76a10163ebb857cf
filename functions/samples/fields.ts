import type { Manifest } from '../../bundle/manifest.ts';

/** Fields that a record may have although the model does not see them: the label, excluded columns, an empty name. */
export const ignoredFields = ({ label, excluded }: Manifest['data']): string[] => [
  '',
  ...(label === null ? [] : [label]),
  ...excluded.map(({ name }) => name),
];
