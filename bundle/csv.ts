/** Writes a text as a field of CSV (RFC 4180): in quotes if it has a comma, a quote or a line break. */
export const quoteCsv = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
