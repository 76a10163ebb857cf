/** For JSON.parse: makes texts of the whole numbers in these fields that a float64 does not hold. */
export const keepDigits =
  (isKept: (field: string) => boolean) =>
  (field: string, value: unknown, context?: { source?: string }): unknown => {
    const unsafe = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
    return unsafe && isKept(field) && /^-?\d+$/.test(context?.source ?? '') ? context!.source : value;
  };

/** Whether a text of JSON may have such numbers. */
export const hasLongNumbers = (text: string): boolean => /[[:,\s]-?\d{16}/.test(text);
