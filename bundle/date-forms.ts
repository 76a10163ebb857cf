const MONTHS = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';
const MONTH =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
const WEEKDAY = '(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,? )?';
/** What follows a day: nothing, or a time after a space, a T or a colon. */
const REST = '(?:(?:T|:|,? +)(\\d.*))?$';

/** 01MAY2024, 01-May-2024, Thu, 01 May 2024 12:00:00 GMT; 01/May/2024:12:00:00 +0000, as in the logs of web servers. */
const DAY_MONTH = new RegExp(
  `^${WEEKDAY}(\\d{1,2})(?:st|nd|rd|th)?([-/ ]?)${MONTH}\\.?(?:\\2|, )(\\d{4})${REST}`,
  'i',
);
/** May 1, 2024. */
const MONTH_DAY = new RegExp(`^${WEEKDAY}${MONTH}\\.? (\\d{1,2})(?:st|nd|rd|th)?,? (\\d{4})${REST}`, 'i');
/** 31.05.2024, as in Germany: with dots, the day comes first wherever dates are written so. */
const DAY_FIRST = /^(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)/;
/** 20240501T120000Z, the short form of ISO 8601. */
const BASIC = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(?:(\d\d)([.,]\d+)?)?(?=Z|[+-]|$)/i;
/** The name of a zone after its hours, as Java writes it. */
const NAMED_ZONE = /(Z|[+-]\d\d:?\d\d)\[[\w/+-]+\]$/i;

/** Rewrites a date in another form of one meaning with numbers, the year first; other texts stay. */
export function toYearFirst(text: string): string {
  const named = DAY_MONTH.exec(text.replace(/^\[(.*)\]$/, '$1'));
  if (named) return joinDate(named[4]!, named[3]!, named[1]!, named[5]);
  const american = MONTH_DAY.exec(text);
  if (american) return joinDate(american[3]!, american[1]!, american[2]!, american[4]);
  return text
    .replace(DAY_FIRST, '$3.$2.$1')
    .replace(
      BASIC,
      (_, year, month, day, hour, minute, second = '00', fraction = '') =>
        `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}`,
    )
    .replace(NAMED_ZONE, '$1');
}

function joinDate(year: string, month: string, day: string, rest: string | undefined): string {
  const number = MONTHS.split('|').indexOf(month.slice(0, 3).toLowerCase()) + 1;
  return `${year}-${number}-${day}${rest === undefined ? '' : ` ${rest}`}`;
}
