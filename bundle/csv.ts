/** A value of a CSV file, in quotes if it needs them (RFC 4180). */
export const quoteCsv = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
