import * as z from 'zod';
import { truncate } from '../console/table.ts';

/** The values of an option that a configuration file may give, in words: `a whole number from 1`. */
export function describeAccepted(schema: z.ZodType): string {
  if (schema instanceof z.ZodEnum) return listChoices(schema.options.map(String));
  if (schema instanceof z.ZodString) return 'a text';
  if (schema instanceof z.ZodBoolean) return 'true or false';
  if (schema instanceof z.ZodTuple) return 'two numbers, such as [0, 255]';
  if (schema instanceof z.ZodRecord)
    return 'number, flag, category or date for each column, such as {"zip": "category"}';
  if (schema instanceof z.ZodUnion) {
    return `${describeNumbers(schema.options[0] as z.ZodType).accepted}, or a list of such numbers`;
  }
  if (!(schema instanceof z.ZodArray)) return describeNumbers(schema as z.ZodType).accepted;
  const element = schema.element as z.ZodType;
  if (element instanceof z.ZodString) return 'a list of texts, such as ["a", "b"]';
  if (element instanceof z.ZodUnion) return 'a list of "number", "flag" and {"categories": n}';
  return `a list, each ${describeNumbers(element).accepted}`;
}

function listChoices(choices: readonly string[]): string {
  const shown = choices.map((choice) => (/^\w+$/.test(choice) ? choice : JSON.stringify(choice)));
  return shown.length === 2 ? shown.join(' or ') : `one of ${shown.join(', ')}`;
}

/** The numbers that a schema accepts, in words. */
export function describeNumbers(schema: z.ZodType): { whole: boolean; accepted: string } {
  const { type, minimum, maximum, ...exclusive } = z.toJSONSchema(schema);
  // Older versions of JSON Schema have booleans here, which this one never gives.
  const [exclusiveMinimum, exclusiveMaximum] = [exclusive.exclusiveMinimum, exclusive.exclusiveMaximum].map(
    (bound) => (typeof bound === 'number' ? bound : undefined),
  );
  const whole = type === 'integer';
  const least = whole && exclusiveMinimum !== undefined ? exclusiveMinimum + 1 : minimum;
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const accepted = describeBounds(whole ? 'a whole number' : 'a number', {
    least,
    above: least === undefined ? exclusiveMinimum : undefined,
    most,
    below: exclusiveMaximum,
  });
  return { whole, accepted };
}

/** Numbers between bounds in words: `a whole number from 1 to 256`, `a number of at least 0 and below 1`. */
function describeBounds(
  numbers: string,
  bounds: Readonly<Partial<Record<'least' | 'above' | 'most' | 'below', number>>>,
): string {
  const { least, above, most, below } = bounds;
  if (least !== undefined && most !== undefined) return `${numbers} from ${least} to ${most}`;
  const words = [
    ...(above === undefined ? [] : [`above ${above}`]),
    ...(least === undefined ? [] : [`of at least ${least}`]),
    ...(most === undefined ? [] : [`at most ${most}`]),
    ...(below === undefined ? [] : [`below ${below}`]),
  ];
  return words.length === 0 ? numbers : `${numbers} ${words.join(' and ')}`;
}

/** A value of a configuration file in a message, at most a line. */
export const showValue = (value: unknown): string => truncate(JSON.stringify(value) ?? String(value), 60);
