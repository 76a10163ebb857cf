import { EPOCH_UNIT_NAMES, type EpochUnit, epochDays, parseEpoch } from '../../../bundle/epoch.ts';
import { findGaps } from '../../../bundle/missing-value.ts';
import type { RecordValue } from '../../../bundle/record.ts';
import { allowedStrays, STRAY } from './guess.ts';

/** Names of columns whose numbers may be times. */
const TIME_NAME =
  /(^|[_\s.-])(time|timestamp|ts|date|datetime|epoch|when|created|updated|at|utc|zeit|uhrzeit|zeitstempel|zeitpunkt|datum|fecha|horodatage|heure)([_\s.-]|$)|[a-z](Time|Timestamp|Date|At)$|(time|timestamp|epoch)_?(s|sec|ms|us|ns|utc)$|时间|時間|日期|日時|時刻/i;

/** The years that these times are in, as days since 1970. */
const [FROM, TO] = [Date.UTC(1990, 0, 1) / 86_400_000, Date.UTC(2050, 0, 1) / 86_400_000];

/** Whether a column may be one of times, by its name. */
export const isTimeName = (name: string): boolean => TIME_NAME.test(name);

/**
 * What numbers count if nearly all are times of our age. Zeros are not counted: a clock that is not set has them, and
 * whoever trains is asked what they mean. Undefined for other values.
 */
export function findEpoch(
  values: readonly RecordValue[],
  na: readonly string[] | undefined,
): EpochUnit | undefined {
  const gaps = findGaps(na).numbers;
  const numbers = values.flatMap((value) => {
    const number = typeof value === 'string' ? parseEpoch(value) : value;
    if (typeof number !== 'number') return [Number.NaN];
    return gaps.has(number) ? [] : [number];
  });
  const set = numbers.filter((number) => number !== 0 && number !== -1);
  if (2 * set.length < numbers.length || set.length === 0) return undefined;
  return EPOCH_UNIT_NAMES.find((unit) => {
    const misfits = set.filter((number) => {
      const days = epochDays(number, unit);
      return days === undefined || days < FROM || days >= TO;
    });
    return misfits.length <= allowedStrays(set.length, STRAY.few);
  });
}
