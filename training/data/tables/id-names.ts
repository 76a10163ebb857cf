import { nameParts } from './name-parts.ts';

/** What a column without a name of its own is called, as pandas and R write an index, or a sign for number. */
const UNNAMED = /^(column 1|unnamed.*|\.\.\.1|#|№|n[°º]\.?|)$/i;

/** Names that say that a column numbers the rows or names them, without accents and what separates their parts. */
const WHOLE = new Set(
  [
    'id ids uid uuid guid oid pk key index idx indexlevel row rows rowname rownames line record observation obs case entry',
    'no nr num number nro numero nummer seq sequence counter udi zeile zeilen datensatz lfd fila ligne riga',
  ].flatMap((line) => line.split(' ')),
);

/** Parts that make any name that of an id, wherever they are. */
const ANYWHERE = new Set('id ids uuid guid identifier kennung'.split(' '));

/** Parts that do at the end of a name: `order_no`. */
const AT_THE_END = new Set('uid pk key no nr seq rowid'.split(' '));

/** Parts that do at the end if the values run on, as a heat index and an atomic number rarely do. */
const RUNNING = new Set('number num numero index idx sequence counter'.split(' '));

/** Things that have a number. */
const THINGS = [
  'order|invoice|customer|client|account|serial|ticket|policy|case|record|sample|line|row|sequence|transaction|patient|batch|lot',
  'document|contract|member|employee|item|article|ref|reference|user|device|machine|product|part|session|event|student|store',
  'track|movie|image|file|message|job|task|run|trial|experiment|subject|participant|respondent|observation|obs|entry|unit',
  'asset|vehicle|loan|claim|booking|shipment|delivery|receipt|voucher|registration|passport|phone|object|person|application',
].join('|');
const NUMBERED = new RegExp(`^(${THINGS})s?(id|uuid|key|no|nr|num|number|numero|index|idx|seq)$`);

/** Compounds such as Belegnummer and KundenNr, but not PSNR. */
const COMPOUND = /\p{L}{3}(nummer|nr)$/u;

/** The gas, where it is not the rest of a name in capitals. */
const isNitricOxide = (name: string): boolean => /(^|[^\p{L}])NO$/u.test(name) && !/\p{Lu}.*NO$/u.test(name);

/** Whether a column is an id by its name if nearly all its values differ, or only if whole numbers also run on; undefined if neither. */
export function readIdName(name: string): 'sure' | 'running' | undefined {
  if (UNNAMED.test(name.trim())) return 'sure';
  const parts = nameParts(name);
  while (parts.length > 1 && /^\d+$/.test(parts.at(-1)!)) parts.pop();
  const last = parts.at(-1) ?? '';
  if (isNitricOxide(name.trim())) return 'running';
  const sure =
    WHOLE.has(parts.join('')) ||
    parts.some((part) => ANYWHERE.has(part)) ||
    AT_THE_END.has(last) ||
    COMPOUND.test(last) ||
    NUMBERED.test(last) ||
    NUMBERED.test(parts.slice(-2).join(''));
  return sure ? 'sure' : RUNNING.has(last) ? 'running' : undefined;
}
