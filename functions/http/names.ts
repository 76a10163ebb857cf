import { findNearestName } from '../../bundle/misspelling.ts';

/** What to say about an unknown name: the nearest known one, if it is near, and all of them. */
export function describeUnknown(name: string, known: readonly string[]): string {
  const nearest = findNearestName(name, known);
  const all = known.join(', ');
  return nearest.near
    ? `unknown; did you mean ${nearest.name}? Known: ${all}`
    : `unknown; expected ${known.length > 1 ? 'one of ' : ''}${all}`;
}

/** The names of some things, in words: only the first ones if there are many. */
export function listNames(things: readonly { name: string }[]): string {
  const first = things.slice(0, 5).map(({ name }) => name);
  return things.length > 5 ? `${first.join(', ')} and ${things.length - 5} more` : first.join(', ');
}

/** A client's text as it stands in an answer: cut if it is long. */
export const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);
