/**
 * The rooms of the house, the lowest first: a file imports from its own folder and from folders above it in this list,
 * never from one below. So no two folders import each other, types included.
 * A folder's subfolders are rooms of their own.
 */
const ROOMS = [
  'kernels',
  'bundle',
  'tsne',
  'training/console',
  'training/runtime',
  'training/onnx/ir',
  'training/onnx/ops',
  'training/onnx/graph',
  'training/onnx/passes',
  'training/onnx',
  'training/linear',
  'training/optimiser',
  'training/network',
  'training/classifiers',
  'training/autoencoder',
  'training/config',
  'training/data/datasets',
  'training/data/readers',
  'training/data/tables',
  'training/data',
  'training/detectors',
  'training/scorer',
  'training/map',
  'training/evaluate',
  'training/studies',
  'training/pipeline',
  'training/commands',
  'training/cli',
  'training',
  'functions/http',
  'functions/png',
  'functions/samples',
  'functions/model',
  'functions/routes',
  'functions',
  'dashboard/common',
  'dashboard/data',
  'dashboard/charts',
  'dashboard/map',
  'dashboard/parts',
  'dashboard/views',
  'dashboard/docs',
  'dashboard',
];

const exactly = (folder) => `^${folder}/[^/]+$`;

const downwards = ROOMS.map((room, i) => ({
  name: `${room}-imports-downwards`,
  comment: 'see the order of the rooms in .dependency-cruiser.mjs',
  severity: 'error',
  from: { path: exactly(room) },
  to: { path: ROOMS.slice(i + 1).map(exactly) },
})).filter(({ to }) => to.path.length > 0);

export default {
  forbidden: [
    ...downwards,
    {
      name: 'every-folder-is-a-room',
      comment: 'name the new folder in the list of rooms, at its place',
      severity: 'error',
      from: { path: '^(bundle|kernels|tsne|training|functions|dashboard)/', pathNot: ROOMS.map(exactly) },
      to: {},
    },
    {
      name: 'parts-share-only-the-bundle',
      comment: 'training, functions and dashboard never import each other',
      severity: 'error',
      from: { path: '^(training|functions|dashboard)/' },
      to: { path: '^(training|functions|dashboard)/', pathNot: '^$1/' },
    },
    {
      name: 'tsne-stands-alone',
      comment: 't-SNE needs kernels at most, so that a browser can load it',
      severity: 'error',
      from: { path: '^tsne/' },
      to: { path: '^(bundle|training|functions|dashboard)/' },
    },
    {
      name: 'product-does-not-import-tests-or-benchmarks',
      severity: 'error',
      from: { path: '^(bundle|kernels|tsne|training|functions|dashboard)/' },
      to: { path: '^(bench|test)/' },
    },
    { name: 'no-circles-of-files', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-circles-of-folders',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|models|node_modules|kernels/(build|assembly))/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.svelte'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types', 'svelte'],
    },
  },
};
