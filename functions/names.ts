/** What to say of a name that is not known: the nearest known one, if it is near, and all of them. */
export function unknownName(name: string, known: readonly string[]): string {
  const nearest = known.toSorted((a, b) => editDistance(name, a) - editDistance(name, b))[0];
  const near = editDistance(name, nearest) <= nearest.length / 2;
  return near
    ? `unknown; the nearest known one is ${nearest} (of ${known.join(', ')})`
    : `unknown; known: ${known.join(', ')}`;
}

/** The names of some things in words: the first of them, if there are many. */
export function namesOf(things: readonly { name: string }[]): string {
  const first = things.slice(0, 5).map(({ name }) => name);
  return things.length > 5 ? `${first.join(', ')} and ${things.length - 5} more` : first.join(', ');
}

/** A name as it is quoted in an answer: cut where nobody would read on. */
export const shortened = (name: string): string => (name.length > 60 ? `${name.slice(0, 60)}…` : name);

/** Levenshtein's distance, ignoring case; only the first 60 characters of `a` count. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, from] of Array.from(a.slice(0, 60).toLowerCase()).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const substituted = row[j] + (from === b[j].toLowerCase() ? 0 : 1);
      next.push(Math.min(substituted, row[j + 1] + 1, next[j] + 1));
    }
    row = next;
  }
  return row[b.length];
}
