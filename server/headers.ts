/** The headers of the files whose path matches a pattern. */
interface Rule {
  readonly pattern: string;
  readonly headers: [name: string, value: string][];
}

/**
 * Reads a file `_headers` as Cloudflare does: a line with a pattern, and below it, indented, lines `Name: value`. Returns
 * a function that lists the headers of a path. A pattern may end in `*`, which is any ending.
 */
export function readHeaders(text: string): (path: string) => [name: string, value: string][] {
  const rules: Rule[] = [];
  for (const line of text.split('\n')) {
    const [, name, value] = /^\s+([^:\s]+):\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined) rules.at(-1)?.headers.push([name, value!]);
    else if (line.trim() !== '') rules.push({ pattern: line.trim(), headers: [] });
  }
  return (path) => rules.filter(({ pattern }) => matches(pattern, path)).flatMap(({ headers }) => headers);
}

const matches = (pattern: string, path: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern;
