import { nameParts } from './name-parts.ts';

/** Names that make a column a label if it is known which of its two values is anomalous, the most likely first. */
const NAMES = [
  'label',
  'is_anomaly',
  'anomaly',
  'anomalous',
  'is_outlier',
  'outlier',
  'is_fraud',
  'fraud',
  'fault',
  'failure',
  'defect',
  'attack',
  'intrusion',
  'target',
  'class',
];

/** Names that a label may have as well as a feature, in English, German, French, Spanish and Italian, without accents. */
const PERHAPS = new Set(
  [
    'label labels class classes target targets outcome diagnosis ground_truth truth gt y anomaly anomalies anomalous',
    'abnormal novelty outlier outliers inlier inliers normal fraud fraudulent fault faults faulty failure failures failed',
    'fail pass_fail pass_or_fail ok_nok ok_ng defect defects defective attack attacks intrusion malicious malware',
    'klasse zielklasse zielvariable diagnose anomalie anomalien anomal anormal ausreisser betrug fehler fehlerhaft ausfall',
    'storung stoerung gestort defekt ausschuss auffallig io_nio',
    'classe cible etiquette defaut panne fraude attaque clase etiqueta anomalia fallo falla defecto guasto difetto frode',
  ].flatMap((line) => line.split(' ')),
);

/** What such a name may begin and end with. */
const BEGIN = /^(is|has|true|binary|machine|ist|hat|est|es)_/;
const END = /_(labels?|flag|class|target|true|klasse)$/;

/** Names of columns that say what kind of anomaly a row is, or that it is none. */
const KIND =
  /^(attack|anomaly|fault|failure|defect|fraud|intrusion|malware|fehler|ausfall|storung|stoerung)_?(types?|cat|category|kind|name|family|art|typ|kategorie)$/;

/** How likely the name is that of the label, or of what kind of anomaly a row is, 0 the most likely; undefined if neither. */
export function rankLabelName(name: string): number | undefined {
  const place = NAMES.indexOf(name.toLowerCase());
  if (place >= 0) return place;
  if (isKindName(name)) return NAMES.length + 1;
  const words = nameParts(name).join('_');
  const [begun, ended] = [words.replace(BEGIN, ''), words.replace(END, '')];
  const possible = [words, begun, ended, begun.replace(END, '')];
  return possible.some((word) => PERHAPS.has(word)) ? NAMES.length : undefined;
}

/** Whether a name alone makes a column a label: others are asked about. */
export const isLabelName = (name: string): boolean => NAMES.includes(name.toLowerCase());

/** Whether a column by its name says what kind of anomaly a row is. */
export const isKindName = (name: string): boolean => KIND.test(nameParts(name).join('_'));
