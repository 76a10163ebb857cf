const DATE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?(?:\s*(Z|[+-]\d\d(?::?\d\d)?))?$/;
const DAY_SECONDS = 86_400;

/**
 * Parses an ISO 8601 date or time to days since 1970-01-01 UTC. A text without a time zone is in UTC. Undefined if it
 * is not a date.
 */
export function parseDate(text: string): number | undefined {
  const match = DATE.exec(text.trim());
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const midnight = new Date(Date.UTC(year!, month! - 1, day));
  const exists = midnight.getUTCMonth() === month! - 1 && midnight.getUTCDate() === day;
  if (!exists || hour! > 23 || minute! > 59 || second! > 59) return undefined;
  const zone = match[8] && match[8] !== 'Z' ? match[8].replace(':', '') : '+0000';
  const sign = zone[0] === '-' ? -1 : 1;
  const ahead = sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3, 5) || 0));
  const seconds = hour! * 3600 + (minute! - ahead) * 60 + second! + Number(match[7] ?? 0);
  return midnight.getTime() / 1000 / DAY_SECONDS + seconds / DAY_SECONDS;
}

/** Days since 1970-01-01 as ISO 8601, to the second or to the day. Undefined if no calendar goes that far. */
export function formatDate(days: number, precision: 'second' | 'day'): string | undefined {
  const date = new Date(1000 * Math.round(days * DAY_SECONDS));
  if (Number.isNaN(date.getTime())) return undefined;
  return precision === 'second' ? date.toISOString().replace('.000Z', 'Z') : date.toISOString().slice(0, 10);
}
