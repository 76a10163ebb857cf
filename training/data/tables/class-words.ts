import { plainLetters } from './name-parts.ts';

/** Words that a feature may have as well, normal and anomalous, and letters of labels. */
const FLAGS: readonly (readonly [string, string])[] = [
  ['0', '1'],
  ['false', 'true'],
  ['no', 'yes'],
  ['n', 'y'],
  ['f', 't'],
  ['i', 'o'],
  ['nein', 'ja'],
  ['n', 'j'],
  ['falsch', 'wahr'],
  ['non', 'oui'],
  ['faux', 'vrai'],
  ['no', 'si'],
];

/** Words for anomalous rows, without accents, spaces and signs, in English, German, French, Spanish and Italian. */
const ANOMALOUS = new Set(
  [
    'anomaly anomalies anomalous abnormal outlier novelty fraud fraudulent attack malicious malware intrusion bad',
    'faulty fault failure failed fail defect defective broken error reject rejected nok notok ng positive unhealthy',
    'anormal anomal anomalie auffallig ausreisser betrug schlecht fehler fehlerhaft defekt ausfall storung stoerung',
    'gestort nio mauvais defaut defectueux panne fraude attaque positif positiv anomalo anomala anomalia malo',
  ].flatMap((line) => line.split(' ')),
);

/** Words for normal rows that features have, too: goods may be good. */
const NORMAL = new Set(
  'good fine negative negativ negatif accept accepted gut bon bueno working valid'.split(' '),
);

/** Words for normal rows that a feature of two values hardly has, such as the results of a test. */
const PASSED = new Set('pass passed ok okay io healthy intact intakt unauffallig fehlerfrei'.split(' '));

/** Words for normal rows that a feature hardly has. */
const CLEARLY_NORMAL = new Set(
  [
    'normal normale inlier legitimate legit genuine benign nofailure nofault nofaults nodefect nodefects noanomaly',
    'noattack nofraud nonfraud notfraud nonfraudulent nonanomalous notanomalous nonfailure nodisease keinfehler',
    'keineanomalie keinestorung keinausfall',
  ].flatMap((line) => line.split(' ')),
);

/** A value as it is compared with words: n.i.O. is nio, No Failure nofailure. A number keeps its sign. */
function toKey(value: string): string {
  const plain = plainLetters(value.trim());
  return /\d/.test(plain) ? plain.replace(/^(-?\d+)\.0$/, '$1') : plain.replace(/[^\p{L}]/gu, '');
}

export const isNormal = (value: string): boolean =>
  tellsNormal(value) || FLAGS.some(([normal]) => normal === toKey(value));

export const isAnomalous = (value: string): boolean =>
  tellsAnomalous(value) || FLAGS.some(([, anomalous]) => anomalous === toKey(value));

/** Whether a value is a word for normal rows, and no mere no. */
export const tellsNormal = (value: string): boolean => isPassed(value) || NORMAL.has(toKey(value));

/** Whether a value is a word for anomalous rows, and no mere yes. */
export const tellsAnomalous = (value: string): boolean => ANOMALOUS.has(toKey(value));

/** Whether a value is a word for normal rows that a feature hardly has. */
export const isClearlyNormal = (value: string): boolean => CLEARLY_NORMAL.has(toKey(value));

/** Whether a value is a word for normal rows that a feature of two values hardly has. */
export const isPassed = (value: string): boolean => isClearlyNormal(value) || PASSED.has(toKey(value));
