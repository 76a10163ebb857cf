import { kindOf } from '../../bundle/kind.ts';
import type { Manifest } from '../../bundle/manifest.ts';

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

type Described = Pick<Manifest, 'sprites'> & {
  data: Pick<Manifest['data'], 'name' | 'shape' | 'scaling' | 'range'>;
};

/** Why a bundle has no such view, in a sentence; undefined if it has. */
export function explainUnavailable(view: ViewName, { data, sprites }: Described): string | undefined {
  const { name, shape, range } = data;
  const areImages = kindOf(data) === 'image';
  switch (view) {
    case 'row':
      return areImages ? 'This model takes images, not rows of numbers.' : undefined;
    case 'studies':
      return name === 'MNIST'
        ? undefined
        : `The studies are about MNIST, but this model was trained on ${name}.`;
    case 'draw':
      if (!areImages) return 'This model takes rows of numbers, so there is nothing to draw.';
      if (shape[2] !== 1)
        return `The pad draws in grey, but this model takes images with ${shape[2]} channels.`;
      return range && sprites ? undefined : 'This model does not say which values are black and white.';
    default:
      return undefined;
  }
}

/** The tabs to show: the views that the bundle has. Before a bundle is loaded, those for images. */
export const listTabs = (manifest: Described | undefined) =>
  VIEWS.filter(({ view }) => (manifest ? !explainUnavailable(view, manifest) : view !== 'row'));

/** What the address shows: a view and, on the map, perhaps a selected point. */
export interface Route {
  view: ViewName;
  point?: number | undefined;
}

/** Reads `#map`, `#map/1234`, `#report`, …; anything else is the map. */
export function parseRoute(hash: string): Route {
  const [name, text] = hash.slice(1).split('/');
  if (name === 'map' && text && /^\d{1,9}$/.test(text)) return { view: 'map', point: Number(text) };
  return { view: VIEWS.find((known) => known.view === name)?.view ?? 'map' };
}

/** The inverse of {@link parseRoute}. */
export const formatRoute = ({ view, point }: Route): string =>
  view === 'map' && point !== undefined ? `#map/${point}` : `#${view}`;
