import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { FUSIONS } from '../bundle/fusion.ts';
import { mean } from '../training/evaluate/metrics.ts';
import { CACHE } from './choose-candidates.ts';

const FILE = join(CACHE, 'combinations.json');
const PAGE = new URL('../docs/detectors.md', import.meta.url);
/** The table stands between these lines of the page. */
const [BEGIN, END] = [
  '<!-- npm run bench -- choose --write writes this table -->',
  '<!-- end of the table -->',
];

/** The best combinations that the table shows. */
const BEST = 5;
/** The default until `robust_covariance` and `knn_5_percent` came. */
const FORMER = ['knn@0.3', 'mixture@0.3'];
/** What the default might have besides. */
const FOURTH = 'isolation_forest@0';

const members = z.array(z.string()).readonly();
const verdict = {
  auroc: z.number(),
  regret: z.number(),
  worst: z.number(),
  /** The table with the worst regret. */
  on: z.string(),
  /** AUROC on each table. */
  areas: z.array(z.number()).readonly(),
};
const JudgedSchema = z.object({ members, fusion: z.enum(FUSIONS), ...verdict });
const HeldOutSchema = z.object({ rule: z.enum([...FUSIONS, 'any']), ...verdict });
const ChoiceSchema = z.object({
  /** The default. */
  own: JudgedSchema,
  /** All combinations, the best first. */
  judged: z.array(JudgedSchema).readonly(),
  /** For each rule, what is chosen on the other tables for each table. */
  heldOut: z.array(HeldOutSchema).readonly(),
});

/** A combination of members and a rule, and how it does: mean AUROC, mean regret, worst regret. */
export type Judged = z.infer<typeof JudgedSchema>;
export type HeldOut = z.infer<typeof HeldOutSchema>;
type Choice = z.infer<typeof ChoiceSchema>;

/** Keeps what a run found for {@link writeChoice}; returns the file. */
export async function saveChoice(choice: Choice): Promise<string> {
  await mkdir(CACHE, { recursive: true });
  await writeFile(FILE, JSON.stringify(choice));
  return FILE;
}

/** Writes the table of the last run into docs/detectors.md. */
export async function writeChoice(): Promise<void> {
  const choice = ChoiceSchema.parse(JSON.parse(await readFile(FILE, 'utf8')));
  const page = await readFile(PAGE, 'utf8');
  const [from, to] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (from === -1 || to < from) throw new Error(`docs/detectors.md lacks the lines ${BEGIN} and ${END}`);
  await writeFile(PAGE, page.slice(0, from + BEGIN.length) + tableOf(choice) + page.slice(to));
}

function tableOf({ own, judged, heldOut }: Choice): string {
  const madeOf = (names: readonly string[]) => judged.filter((one) => haveSame(one.members, names));
  const sections: [string, readonly Judged[]][] = [
    ['**the default**', [own]],
    ['its members, other rules', madeOf(own.members).filter(({ fusion }) => fusion !== own.fusion)],
    ['with an isolation forest', madeOf([...own.members, FOURTH])],
    ['the former default', madeOf(FORMER).filter(({ fusion }) => fusion === 'mean')],
    ['one detector', judged.filter((one) => one.members.length === 1)],
    [`best of ${judged.length.toLocaleString('en')}`, judged.slice(0, BEST)],
  ];
  const rows = sections.flatMap(([title, some]) =>
    some.map((one, i) => [i === 0 ? title : '', nameMembers(one), nameRule(one), ...figuresOf(one, own)]),
  );
  const chosen = heldOut.map((one, i) => [
    i === 0 ? 'chosen on the other tables' : '',
    '',
    one.rule === 'any' ? 'any' : `\`${one.rule}\``,
    ...figuresOf(one, own),
  ]);
  const lines = [...rows, ...chosen].map((cells) => `| ${cells.join(' | ')} |`);
  return `

| | members | rule | mean AUROC | minus the default's | mean regret | worst regret |
|---|---|---|---:|---:|---:|---|
${lines.join('\n')}

`;
}

const haveSame = (some: readonly string[], names: readonly string[]) =>
  some.length === names.length && names.every((name) => some.includes(name));

const nameMembers = ({ members: names }: Judged) => names.map((name) => `\`${name}\``).join(', ');
const nameRule = ({ members: { length }, fusion }: Judged) => (length > 1 ? `\`${fusion}\`` : '');

function figuresOf({ auroc, regret, worst, on, areas }: Omit<HeldOut, 'rule'>, own: Judged): string[] {
  const differences = areas.map((area, t) => area - own.areas[t]);
  const difference = mean(differences);
  const squares = differences.reduce((sum, value) => sum + (value - difference) ** 2, 0);
  const error = Math.sqrt(squares / (areas.length - 1) / areas.length);
  const size = Math.abs(difference).toFixed(3);
  const sign = Number(size) === 0 ? '' : difference < 0 ? '−' : '+';
  const against = error > 0 ? `${sign}${size} ± ${error.toFixed(3)}` : '';
  return [auroc.toFixed(3), against, regret.toFixed(3), `${worst.toFixed(2)} (${on})`];
}
