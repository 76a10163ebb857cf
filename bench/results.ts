import { readFile, writeFile } from 'node:fs/promises';
import * as z from 'zod';
import { CAPTIONS } from './captions.ts';
import type { BenchResult } from './harness.ts';
import { describeStudyFigure } from './study-captions.ts';

const FILE = new URL('../docs/benchmarks.json', import.meta.url);
const PAGE = new URL('../docs/benchmarks.md', import.meta.url);

const KeptSchema = z.strictObject({
  bench: z.string(),
  title: z.string(),
  /** The day, as YYYY-MM-DD; null for figures that were kept before days were. */
  date: z.iso.date().nullable(),
  /** Processor, cores and memory, in words. */
  machine: z.string(),
  node: z.string(),
  figures: z.array(
    z.strictObject({
      key: z.string(),
      figure: z.number().nullable(),
      target: z.string().nullable(),
      holds: z.boolean().nullable(),
    }),
  ),
});
type Kept = z.infer<typeof KeptSchema>;

/** Keeps the figures of a benchmark in place of its older ones, and writes the page again. */
export async function keep(result: BenchResult, title: string): Promise<void> {
  const all = await readKept();
  const kept = keptOf(result, title);
  const at = all.findIndex(({ bench }) => bench === result.bench);
  if (at === -1) all.push(kept);
  else all[at] = kept;
  await writeFile(FILE, `${JSON.stringify(all, null, 2)}\n`);
  await writePage();
}

/** Writes docs/benchmarks.md from docs/benchmarks.json. */
export async function writePage(): Promise<void> {
  await writeFile(PAGE, pageOf(await readKept()));
}

async function readKept(): Promise<Kept[]> {
  return z.array(KeptSchema).parse(JSON.parse(await readFile(FILE, 'utf8')));
}

function keptOf({ bench, machine, versions, figures, targets }: BenchResult, title: string): Kept {
  const measured = Object.keys(figures);
  const missing = targets.filter(({ figure }) => figure === null).map(({ key }) => key);
  return {
    bench,
    title,
    date: new Date().toISOString().slice(0, 10),
    machine: `${machine.cpu}, ${machine.cores} cores, ${machine.memory_gb} GB`,
    node: versions.node!,
    figures: [...measured, ...missing].map((key) => {
      const target = targets.find((t) => t.key === key);
      return {
        key,
        figure: key in figures ? Number(figures[key]!.toPrecision(5)) : null,
        target: target?.target ?? null,
        holds: target?.holds ?? null,
      };
    }),
  };
}

const INTRODUCTION = `# Benchmarks

The command above each table measures its figures and writes them here: \`npm run bench -- NAME --write\`, or
\`npm run bench -- all --write\` for all of them but \`million\`. Do not edit this page by hand; \`npm run bench -- page\` writes it
again from [benchmarks.json](benchmarks.json).

A full run takes a quiet machine and about half an hour. Timings vary with what else the machine does. Continuous
integration runs the short form, \`--quick\`, which checks quality and not time.

Peers are measured on the same machine where they are installed: \`npm ci --prefix bench/peers\`, and Debian's
\`python3-numpy\`, \`libopenblas0-pthread\`, \`python3-torch\` and \`python3-sklearn\`. The tables of \`holdout\` come from
Debian's \`r-cran-mlbench\`, \`r-cran-kernlab\` and \`r-cran-dslabs\`. Development sets are those on which the defaults
were chosen.

Where the seconds are far more than those of the processor, the machine was busy.

Two targets of \`train\` are missed on processors whose AVX-512 products are so fast that everything else in a step
(copies, activations, the loss) counts double.
`;

function pageOf(all: readonly Kept[]): string {
  return [INTRODUCTION, ...all.map(section)].join('\n');
}

function section({ bench, title, date, machine, node, figures }: Kept): string {
  const rows = figures.map(({ key, figure, target, holds }) => {
    const verdict = target === null ? '' : `${target}${holds ? '' : ' (missed)'}`;
    const value =
      figure === null ? 'not measured' : figure.toLocaleString('en', { maximumFractionDigits: 5 });
    return `| \`${key}\` | ${CAPTIONS[key] ?? describeStudyFigure(key) ?? ''} | ${value} | ${verdict} |`;
  });
  return `## \`${bench}\`: ${title}

\`\`\`sh
npm run bench -- ${bench} --write
\`\`\`

${machine}, Node ${node}${date === null ? '' : `, ${date}`}.

| key | figure | value | target |
| --- | --- | ---: | --- |
${rows.join('\n')}
`;
}
