import { findNearestName } from '../../bundle/misspelling.ts';

/** What to say of a name that is not known: the nearest known one, if it is near, and all of them. */
export function unknownName(name: string, known: readonly string[]): string {
  const found = findNearestName(name, known);
  return found.near
    ? `unknown; the nearest known one is ${found.name} (of ${known.join(', ')})`
    : `unknown; known: ${known.join(', ')}`;
}

/** The names of some things in words: the first of them, if there are many. */
export function namesOf(things: readonly { name: string }[]): string {
  const first = things.slice(0, 5).map(({ name }) => name);
  return things.length > 5 ? `${first.join(', ')} and ${things.length - 5} more` : first.join(', ');
}

/** A name as it is quoted in an answer: cut where nobody would read on. */
export const shortened = (name: string): string => (name.length > 60 ? `${name.slice(0, 60)}…` : name);
