/** Numbers whose spread is beyond these bounds overflow or vanish when 32-bit floats scale them, or square the result. */
const [LEAST, MOST] = [1e-30, 1e30];

/** Why values with this spread cannot be scaled, after what they are; undefined if they can. */
export const explainSpread = (what: string, spread: number): string | undefined =>
  spread >= LEAST && spread <= MOST
    ? undefined
    : `${what} of ${spread.toPrecision(3)}, but 32-bit floats can only scale ${LEAST} to ${MOST}: multiply or divide the values, or treat extreme ones as missing`;
