import { formatNumber } from '../common/format.ts';
import { type Dataset, nameOf, numberOf, spokenNameOf, tileNameOf } from './dataset.ts';
import { nameOfRow, numberOfRow, type PlainMap, valuesOf } from './plain-map.ts';

/** A map with a model or without one. */
export type AnyMap = Dataset | PlainMap;

/** Whether there is a model, and so a score for each point. */
export const hasModel = (map: AnyMap): map is Dataset => 'ranking' in map;

/** What a point is called, and what is said of it in a few words. */
export interface PointText {
  /** Its label, its name in the data, or its row. */
  name: string;
  /** Its row, unless the name says it: `#12`. */
  number: string;
  /** Its name for screen readers. */
  spoken: string;
  /** The name of a button that shows the point: what is seen in it, and what sets it apart from others. */
  button: string;
  /** The score and the p-value; without a model, what is known about the row. */
  facts: { name: string; text: string }[];
}

/** Describes a point of a map. */
export function describePoint(map: AnyMap, index: number): PointText {
  if (hasModel(map)) {
    const { score, pValue } = map.points;
    return {
      name: nameOf(map, index),
      number: numberOf(map, index),
      spoken: spokenNameOf(map, index),
      button: tileNameOf(map, index),
      facts: [
        { name: 'score', text: formatNumber(score[index]!) },
        { name: 'p-value', text: formatNumber(pValue[index]!) },
      ],
    };
  }
  const name = nameOfRow(map, index);
  const facts = valuesOf(map, index);
  const number = numberOfRow(map, index);
  return {
    name,
    number,
    spoken: name,
    button: [name, facts[0]?.text, number].filter(Boolean).join(' '),
    facts,
  };
}

/** A point in a list: what it is known by, what else it is called, and what to compare it by. */
export interface ListedPoint {
  id: string;
  name: string;
  note: string;
}

/** Describes a point for a list. `id` is what the bundle calls its row; without one, the point is known by its number. */
export function listPoint(map: AnyMap, index: number, id = ''): ListedPoint {
  const { name, number, facts } = describePoint(map, index);
  const note = facts[0]?.text ?? '';
  if (!hasModel(map)) return { id: name, name: note, note: number };
  return id || number ? { id: id || number, name, note } : { id: name, name: '', note };
}
