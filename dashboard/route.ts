/** The views in the order of their tabs. */
export const VIEWS = [
  { view: 'map', name: 'Map' },
  { view: 'anomalies', name: 'Anomalies' },
  { view: 'report', name: 'Report' },
  { view: 'draw', name: 'Draw' },
] as const;

export type ViewName = (typeof VIEWS)[number]['view'];

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
