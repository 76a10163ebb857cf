import { DETECTORS } from '../detectors/registry.ts';

/** What detectors keep of training rows, by the view that they look at; the rows can be computed from it. */
const KEPT: Readonly<Record<string, string>> = {
  input: 'training rows',
  projection: 'training rows',
  code: 'codes of training rows, which the decoder turns into approximate rows',
};

/** The members, such as `knn:code`, whose detectors keep training rows. */
export const listKeepers = (members: readonly string[]): string[] =>
  members.filter((member) => {
    const [name] = member.split(':');
    return Object.hasOwn(DETECTORS, name) && DETECTORS[name].keepsRows === true;
  });

/** Each kind of thing that members keep, and which of them do: `training rows (knn:input, lof:input)`. */
export function describeKept(members: readonly string[]): string[] {
  const keepers = new Map<string, string[]>();
  for (const member of listKeepers(members)) {
    const kept = KEPT[member.split(':')[1]];
    if (kept !== undefined) keepers.set(kept, [...(keepers.get(kept) ?? []), member]);
  }
  return [...keepers].map(([kept, names]) => `${kept} (${names.join(', ')})`);
}

/** The same for who trains the model. */
export function describeModelRows(members: readonly string[]): string[] {
  const kept = describeKept(members);
  if (kept.length === 0) return ['scorer.onnx holds no training row'];
  return kept.map((line) => `scorer.onnx contains ${line}; train with --keep-rows none to avoid that`);
}
