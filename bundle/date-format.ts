const DAY_SECONDS = 86_400;

/** The first and the last day that a date may have, the years 100 to 9999, counted from 1970-01-01. */
const [FIRST_DAY, LAST_DAY] = [Date.UTC(100, 0, 1), Date.UTC(10_000, 0, 1)].map((ms) => ms / 86_400_000) as [
  number,
  number,
];

/** Whether days since 1970-01-01 are in the years that a date may have. */
export const isInCalendar = (days: number): boolean => days >= FIRST_DAY && days < LAST_DAY;

/** How exactly dates are written. */
export type DatePrecision = 'second' | 'day';

/** To the second if one of these days since 1970-01-01 has a time of day; NaN is missing. */
export const datePrecision = (days: Float64Array): DatePrecision =>
  days.every((day) => Number.isNaN(day) || Number.isInteger(day)) ? 'day' : 'second';

/** Days since 1970-01-01 as ISO 8601, to the second or to the day. Undefined if no calendar goes that far. */
export function formatDate(days: number, precision: DatePrecision): string | undefined {
  const date = new Date(1000 * Math.round(days * DAY_SECONDS));
  if (Number.isNaN(date.getTime())) return undefined;
  return precision === 'second' ? date.toISOString().replace('.000Z', 'Z') : date.toISOString().slice(0, 10);
}

/** Days since 1970-01-01 of a date as {@link formatDate} writes it; NaN for another text. */
export const parseFormatted = (text: string): number => Date.parse(text) / (1000 * DAY_SECONDS);
