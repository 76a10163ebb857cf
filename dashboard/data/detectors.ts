import { capitalise } from './terms.ts';

/** What a detector looks at, by the second part of its name. */
const VIEWS: Record<string, string> = {
  input: 'of the values',
  projection: 'of the projection',
  code: 'of the code',
  difference: '',
  masked: '',
  loss: '',
};

/** A detector's title, and what it looks at where that is not clear from the title. */
export function detectorName({ name, title }: { name: string; title: string }): string {
  const view = VIEWS[name.split(':')[1] ?? ''] ?? '';
  return capitalise(view ? `${title} ${view}` : title);
}
