import { formatCount } from '../common/format.ts';
import { capital } from './words.ts';

const VIEWS: Record<string, string> = {
  input: 'of the values',
  projection: 'of the projection',
  code: 'of the code',
  difference: '',
  masked: '',
  loss: '',
};

/** What a detector is called beside others: what it does, and what it looks at where that is not one thing. */
export function detectorName({ name, title }: { name: string; title: string }): string {
  const view = VIEWS[name.split(':')[1] ?? ''] ?? '';
  return capital(view ? `${title} ${view}` : title);
}

/** A surprise, in nats: never negative but for rounding. */
export const formatNats = (surprise: number): string =>
  surprise < 10
    ? Math.max(surprise, 0).toFixed(2)
    : surprise < 100
      ? surprise.toFixed(1)
      : surprise.toFixed(0);

/** A surprise in nats as odds: `1 in 20`. Beyond a million nobody has counted. */
export function odds(surprise: number): string {
  const one = Math.exp(surprise);
  if (one < 1.05) return 'as usual';
  if (one > 1e6) return 'beyond 1 in a million';
  return `1 in ${formatCount(Number(one.toPrecision(2)))}`;
}
