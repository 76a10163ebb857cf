import { formatNumber } from '../common/format.ts';

/** Scores that differ by less than this, relative to the larger, are the same to float32. */
const TOLERANCE = 1e-4;

/** How far apart two scores are, relative to the larger one. */
export const relativeDifference = (a: number, b: number): number => Math.abs(a - b) / Math.max(a, b, 1e-12);

/** Whether the API and the browser agree, in a sentence. `apiModel` and `ownModel` are the ids of their models. */
export function describeAgreement(difference: number, apiModel: string, ownModel: string): string {
  if (apiModel !== ownModel) return `The API runs a different model, ${apiModel.slice(0, 8)}.`;
  const verdict = difference < TOLERANCE ? 'Both agree' : 'The engines disagree';
  return `${verdict}: ${describeDifference(difference)}.`;
}

/** Whether another engine agrees with ours, in a sentence. */
export function describeOpinion(engine: string, difference: number): string {
  return `${engine} ${difference < TOLERANCE ? 'agrees' : 'disagrees'}: ${describeDifference(difference)}.`;
}

const describeDifference = (difference: number): string =>
  difference === 0
    ? 'the scores are identical'
    : `the scores differ by ${formatNumber(difference, 1)} (relative)`;

/** A score's verdict in a sentence, for screen readers. */
export const speakVerdict = (name: string, { anomalous, pValue }: { anomalous: boolean; pValue: number }) =>
  `${name}: ${anomalous ? 'anomalous' : 'normal'}, p-value ${formatNumber(pValue)}.`;
