import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PAGES, ROOT } from './pages.ts';

const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '');

/** The targets of a page's links and images that lead to files of the project. */
const linksOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset)="([^"]+)"/g)]
    .map(([, link, source]) => link ?? source!)
    .filter((target) => !/^[a-z]+:/.test(target));

/** The anchors of a page's headings, as GitHub makes them. */
const anchorsOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each([...PAGES])('%s', (page, text) => {
  test('links to files and headings that exist', () => {
    for (const link of linksOf(text)) {
      const [path, anchor] = link.split('#');
      const target = path ? normalize(join(dirname(page), path)) : page;
      expect(existsSync(join(ROOT, target)), link).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(PAGES.get(target) ?? ''), link).toContain(anchor);
    }
  });
});

describe('the architecture page', () => {
  const text = PAGES.get('docs/architecture.md')!;

  test('names files and folders that exist', () => {
    const folder = /^(bench|bundle|dashboard|docs|functions|kernels|test|training|tsne)\//;
    const named = [...withoutCode(text).matchAll(/`([^`\s]+)`/g)].map(([, name]) => name!);
    const paths = named.filter((name) => folder.test(name) && !name.includes('NAME') && !/Name/.test(name));
    expect(paths.length).toBeGreaterThan(80);
    expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    const drawn = [...text.matchAll(/^```\n[\s\S]*?^```/gm)].flatMap(
      ([block]) => block.match(/\S+\.ts\b/g) ?? [],
    );
    expect(drawn.filter((path) => path.includes('/') && !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test('has a line for every room, in the order of imports', () => {
    const rules = readFileSync(join(ROOT, '.dependency-cruiser.mjs'), 'utf8');
    const [, list] = /const ROOMS = \[([^\]]+)\]/.exec(rules)!;
    const rooms = [...list!.matchAll(/'([^']+)'/g)].map(([, room]) => room);
    const lines = [...text.matchAll(/^\| `([a-z/-]+)\/` \|/gm)].map(([, room]) => room);
    expect(lines).toEqual(rooms);
  });
});
