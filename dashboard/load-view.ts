/** Loads a view's code, when it is first looked at. `plain` is the map of data without a model. */
export const loadView = {
  map: () => import('./views/MapView.svelte'),
  plain: () => import('./views/PlainMapView.svelte'),
  anomalies: () => import('./views/AnomaliesView.svelte'),
  report: () => import('./views/ReportView.svelte'),
  studies: () => import('./views/StudyView.svelte'),
  compare: () => import('./views/CompareView.svelte'),
  draw: () => import('./views/DrawView.svelte'),
  photo: () => import('./views/PhotoView.svelte'),
  row: () => import('./views/RowView.svelte'),
  file: () => import('./views/FileView.svelte'),
};
