import { DataError } from '../datasets/error.ts';

/** Turns an error of DuckDB into a sentence that names the file and the line. */
export function explainError(path: string, error: unknown): DataError {
  if (error instanceof DataError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const place = line ? `${path}: line ${line}` : path;
  const [, expected, found] = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message) ?? [];
  if (found) {
    return new DataError(
      `${place} has ${found} ${found === '1' ? 'value' : 'values'}, but the first line names ${expected} columns: each row needs a value for each ` +
        'column, or nothing between two delimiters, and quotes around texts that contain a delimiter',
    );
  }
  if (/Invalid unicode|not utf-8|Invalid UTF|UTF8/i.test(message)) {
    return new DataError(`${place} is not UTF-8: save the file as UTF-8`);
  }
  if (/unterminated quote/i.test(message)) {
    return new DataError(
      `${place}: a quote is opened and not closed: write a quote within a text twice ("")`,
    );
  }
  const json = /Malformed JSON .*?in line (\d+): ([^.\n]*)/.exec(message);
  if (json) {
    // With one object per line, DuckDB counts one line too many.
    const number = Number(json[1]) - Number(!/\.json(\.gz)?$/i.test(path));
    return new DataError(
      `${path}: line ${number} is not JSON (${json[2].trim()}): expected an array of objects, or an object on each line`,
    );
  }
  const [first] = message.replace(/^[\w ]+ Error: /, '').split('\n');
  return new DataError(`${place} cannot be read as a table: ${first}`);
}
