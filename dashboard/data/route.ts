import type { Manifest } from '../../bundle/manifest.ts';
import { areImages } from './words.ts';

/** The views in the order of their tabs. */
const VIEWS = [
  { view: 'map', name: 'Map' },
  { view: 'anomalies', name: 'Anomalies' },
  { view: 'report', name: 'Report' },
  { view: 'studies', name: 'Studies' },
  { view: 'draw', name: 'Draw' },
  { view: 'row', name: 'Try a row' },
] as const;

export type ViewName = (typeof VIEWS)[number]['view'];

/** Why a view is not for the data of a bundle, in a sentence; undefined if it is. */
export function refusalOf(view: ViewName, manifest: Manifest): string | undefined {
  const { shape, range } = manifest.data;
  if (view === 'row') {
    return areImages(manifest) ? 'This model takes images, not rows of numbers.' : undefined;
  }
  if (view === 'studies') {
    const { name } = manifest.data;
    return name === 'MNIST' ? undefined : `The studies are about MNIST, and this is a model of ${name}.`;
  }
  if (view !== 'draw') return undefined;
  if (!areImages(manifest)) return 'There is nothing to draw here: this model takes rows of numbers.';
  if (shape[2] !== 1) return `The pad draws in grey, and this model takes images of ${shape[2]} channels.`;
  return range && manifest.sprites ? undefined : 'This model does not say which values are black and white.';
}

/** The tabs to show: those for the data of the bundle, or before it is known for images. */
export const tabsOf = (manifest: Manifest | undefined) =>
  VIEWS.filter(({ view }) => (manifest ? !refusalOf(view, manifest) : view !== 'row'));

/** Where the visitor is: a view, and on the map perhaps a selected point. */
export interface Place {
  view: ViewName;
  point?: number | undefined;
}

/** Reads `#map`, `#map/1234`, `#report`, …; anything else is the map. */
export function parseHash(hash: string): Place {
  const [name, point] = hash.slice(1).split('/');
  const view = VIEWS.find((known) => known.view === name)?.view ?? 'map';
  return view === 'map' && point && /^\d+$/.test(point) ? { view, point: Number(point) } : { view };
}

/** The inverse of {@link parseHash}. */
export const hashOf = ({ view, point }: Place): string =>
  view === 'map' && point !== undefined ? `#map/${point}` : `#${view}`;
