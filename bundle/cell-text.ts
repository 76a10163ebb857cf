/** Whether a character is a space, or a mark without width that programs leave around values, such as the direction of writing. */
const isBlank = (code: number): boolean =>
  code <= 32 ||
  (code >= 0x200b && code <= 0x200f) ||
  (code >= 0x202a && code <= 0x202e) ||
  (code >= 0x2060 && code <= 0x2069) ||
  (code > 126 && String.fromCharCode(code).trim() === '');

/** A text without spaces and marks without width around it. */
export function trimText(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** A number or a date without what Excel puts around it to keep it as it is: ="12.5" and '12.5. */
export function plainText(text: string): string {
  const trimmed = trimText(text);
  const [, quoted] = /^="([^"]*)"$/.exec(trimmed) ?? [];
  return quoted === undefined ? trimmed.replace(/^'(?=[\d+\-.,])/, '') : trimText(quoted);
}
