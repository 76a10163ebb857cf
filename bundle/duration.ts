const CLOCK = /^(?:([+-])?(\d+) ?d(?:ays?)?(,)? ?)?([+-])?(\d{1,7}):([0-5]\d)(?::([0-5]\d(?:[.,]\d+)?))?$/i;
/** Minutes and seconds, if the seconds have a fraction. */
const MINUTES = /^([+-])?(\d{1,7}):([0-5]\d[.,]\d+)$/;
/** What stands between two parts. */
const NEXT = '(?:,? |(?=\\d)|$)';
const WORDS = new RegExp(
  `^([+-])?(?:(\\d+) ?d(?:ays?)?${NEXT})?(?:(\\d+) ?h(?:rs?|ours?)?${NEXT})?` +
    `(?:(\\d+) ?m(?:ins?|inutes?)?${NEXT})?(?:(\\d+(?:[.,]\\d+)?) ?s(?:ecs?|econds?)?)?$`,
  'i',
);
/** Parts of a second alone, as Go and the logs of servers have them among seconds. */
const PARTS = /^([+-])?(\d+(?:[.,]\d+)?) ?(ms|µs|μs|us|ns)$/i;
const PARTS_IN_SECOND = { ms: 1e3, µs: 1e6, μs: 1e6, us: 1e6, ns: 1e9 } as const;
const PERIOD = /^([+-])?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/i;

const readPart = (part: string | undefined): number => Number(part?.replace(',', '.') ?? 0);

/** Parses a duration, such as 17:59:42, 2 days 03:00:00, 1h 30m or PT1H30M, to seconds; undefined if it is none. */
export function parseDuration(text: string): number | undefined {
  const clock = parseClock(text);
  if (clock !== undefined) return clock;
  const small = PARTS.exec(text);
  if (small) {
    const name = small[3]!.toLowerCase();
    const [, count] = Object.entries(PARTS_IN_SECOND).find(([part]) => part === name)!;
    return ((small[1] === '-' ? -1 : 1) * readPart(small[2])) / count;
  }
  const [, sign, ...parts] = WORDS.exec(text) ?? PERIOD.exec(text) ?? [];
  if (parts.every((part) => part === undefined)) return undefined;
  const [days, hours, minutes, seconds] = parts.map(readPart);
  const total = ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!;
  return sign === '-' ? -total : total;
}

/**
 * Parses hours, minutes and seconds after days. Python and pandas write an hour before zero as -1 day, 23:00:00 and as
 * -1 days +23:00:00: then the sign is that of the days alone.
 */
function parseClock(text: string): number | undefined {
  const short = MINUTES.exec(text);
  if (short) return (short[1] === '-' ? -1 : 1) * (60 * readPart(short[2]) + readPart(short[3]));
  const match = CLOCK.exec(text);
  if (!match) return undefined;
  const [, before = '+', days, comma, own, hours, minutes, seconds] = match;
  const after = own ?? (comma === undefined ? before : '+');
  const time = (readPart(hours) * 60 + readPart(minutes)) * 60 + readPart(seconds);
  return (before === '-' ? -86_400 : 86_400) * readPart(days) + (after === '-' ? -time : time);
}
