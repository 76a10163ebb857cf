/** The digits that any 32-bit float has: 6 decimal digits always fit, 9 tell any two floats apart. */
const [CERTAIN_DIGITS, ENOUGH_DIGITS] = [6, 9];

/** The shortest decimal that is the same 32-bit float: 0.1 for 0.10000000149011612. */
export function shortestFloat(value: number): number {
  for (let digits = CERTAIN_DIGITS; digits < ENOUGH_DIGITS; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(ENOUGH_DIGITS));
}
