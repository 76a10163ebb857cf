/** How much of a name is compared: longer ones are no slip of a known one. */
const COMPARED = 60;

/**
 * The known name that a name is the fewest insertions, deletions and replacements from, whatever the case (Levenshtein
 * 1966), and whether it is near enough to be what was meant: at most half of its letters off.
 */
export function nearest(name: string, known: readonly string[]): { name: string; near: boolean } {
  const distances = known.map((other) => editDistance(name, other));
  const least = Math.min(...distances);
  const found = known[distances.indexOf(least)]!;
  return { name: found, near: least <= found.length / 2 };
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, from] of Array.from(a.slice(0, COMPARED).toLowerCase()).entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = row[j]! + Number(from !== b[j]!.toLowerCase());
      next.push(Math.min(replaced, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
