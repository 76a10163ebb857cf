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

/** For each kind of thing that members keep, which of them do: `knn:input, lof:input: training rows`. */
export function describeKept(members: readonly string[]): string[] {
  const keepers = new Map<string, string[]>();
  for (const member of listKeepers(members)) {
    const kept = KEPT[member.split(':')[1]];
    if (kept !== undefined) keepers.set(kept, [...(keepers.get(kept) ?? []), member]);
  }
  return [...keepers].map(([kept, names]) => `${names.join(', ')}: ${kept}`);
}

/** The same for who trains the model. */
export function describeModelRows(members: readonly string[]): string[] {
  const kept = describeKept(members);
  if (kept.length === 0) return ['scorer.onnx holds no training row'];
  return kept.map((line) => `in scorer.onnx, ${line}; --keep-rows none keeps none`);
}
