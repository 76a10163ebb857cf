/** A share in percent, to two digits. */
export const roughPercent = (share: number): string => `${Number((100 * share).toPrecision(2))}%`;
