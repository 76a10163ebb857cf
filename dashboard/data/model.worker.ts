import { BundleError } from '../../bundle/error.ts';
import { isMap } from '../../bundle/files.ts';
import { FRAMES_FILE } from '../../bundle/frames-file.ts';
import { type IntactBundle, openIntact } from '../../bundle/intact.ts';
import { hasGraphicsCard } from '../common/graphics-card.ts';
import { lazily } from '../common/lazily.ts';
import { type OpenedData, orderPoints } from './dataset.ts';
import type { FileScores } from './file-scorer.ts';
import { dropModels, KeptFiles, keeping } from './kept-files.ts';
import { fetchMapAhead, loadPoints, readPoints } from './load.ts';
import { pictureOf } from './picture.ts';
import type { OpenedMap } from './plain-map.ts';
import type { Call, CallName, Calls, Progress, Reply } from './protocol.ts';
import { decodeSheet, layoutOf } from './sprites.ts';

let opened: Awaited<ReturnType<typeof openIntact>> | undefined;
/** The bundle's address. */
let base = '';
let keptFiles: KeptFiles | undefined;
/** Tells that the map is painted: what may wait begins. */
let tellPainted = () => {};

const post = (reply: Reply, moved: Transferable[] = []) => self.postMessage(reply, { transfer: moved });

const anyBundle = () => {
  if (!opened) throw new Error('No bundle is open.');
  return opened;
};

const bundle = (): IntactBundle => {
  const any = anyBundle();
  if (isMap(any)) throw new Error('This map has no model.');
  return any;
};

/** What the map does not need is loaded later. */
const later = () => import('./load-later.ts');
const scorers = () => import('./scorer.ts');

const codes = lazily(async () => {
  const [{ loadCodes }, { loadKernels }] = await Promise.all([later(), import('../../engine/index.ts')]);
  return loadCodes(bundle(), await loadKernels());
});
const scorer = lazily(async () => {
  const [model, index] = await Promise.all([bundle().file('scorer.onnx'), codes()]);
  return (await scorers()).createScorer(model, index, bundle().manifest);
});
const second = lazily(async () => (await scorers()).createSecondScorer(await bundle().file('scorer.onnx')));
const decoder = lazily(async () => (await scorers()).createDecoder(await bundle().file('decoder.onnx')));

const fileScorer = lazily(async () => {
  const [model, index] = await Promise.all([bundle().file('scorer.onnx'), codes()]);
  const { createFileScorer } = await import('./file-scorer.ts');
  return createFileScorer(model, index, bundle().manifest);
});
let fileScores: FileScores | undefined;
let scoringFiles = new AbortController();

const keptRows = lazily(async () =>
  (await import('./open-rows.ts')).openRows(bundle(), base, keptFiles!.fetchPart),
);

/** The lists of neighbours that have been read, by file. */
const lists = new Map<string, () => Promise<Uint8Array>>();

function neighbourFile(name: string): Promise<Uint8Array> {
  const read = lists.get(name) ?? lazily(() => anyBundle().file(name));
  lists.set(name, read);
  return read();
}

async function perform(call: Call): Promise<Calls[CallName]['result']> {
  switch (call.name) {
    case 'open': {
      base = call.params.base;
      keptFiles = new KeptFiles(base);
      const opening = openIntact(fetchMapAhead(keptFiles.source));
      // A context in software takes a while to make: here nobody waits for it.
      const graphicsCard = hasGraphicsCard();
      const painted = new Promise<void>((resolve) => {
        tellPainted = resolve;
      });
      const found = keeping(await opening, keptFiles, painted);
      opened = found;
      const { offline } = keptFiles;
      const onProgress = (progress: Progress) => post({ id: call.id, kind: 'progress', progress });
      if (isMap(found)) {
        const { readMapTable } = await import('../../bundle/map-table.ts');
        const table = await readMapTable(await readPoints(found, onProgress));
        return { manifest: found.manifest, table, graphicsCard, offline };
      }
      const { manifest } = found;
      const points = await loadPoints(found, onProgress);
      return { manifest, points, order: orderPoints(manifest, points), graphicsCard, offline };
    }
    case 'check':
      tellPainted();
      await anyBundle()
        .check()
        .catch((error) => {
          // Only a bad manifest counts. If the code that checks it cannot be loaded, what is shown works nevertheless.
          if (error instanceof BundleError) throw error;
        });
      return undefined;
    case 'models':
      return findModels(call.params.site);
    case 'compare': {
      const { first, second, significance } = call.params;
      return (await import('./shared-rows.ts')).compareShared(first, second, significance);
    }
    case 'keep':
      await keptFiles?.keepOthers((name) => anyBundle().file(name));
      return undefined;
    case 'report':
      return (await later()).loadReport(bundle());
    case 'picture':
      return bundle().file(call.params.name);
    case 'sheet':
      return loadSheet(call.params.sheet);
    case 'landscape':
      return (await import('./landscape.ts')).surveyLandscape(call.params);
    case 'frames': {
      const { manifest, file } = anyBundle();
      const [{ decodeFrames }, bytes] = await Promise.all([
        import('../../bundle/frames.ts'),
        file(FRAMES_FILE),
      ]);
      return decodeFrames(bytes, manifest.map.points);
    }
    case 'neighbours':
      return findNeighbours(call.params.index, call.params.count);
    case 'score':
      return (await scorer())(call.params.sample);
    case 'secondOpinion':
      return (await second())(call.params.sample);
    case 'expected':
      return expectPoint(call.params.index);
    case 'rows':
      return (await keptRows()).rows(call.params.indices);
    case 'column':
      return (await keptRows()).column(call.params.name);
    case 'reasons':
      return (await keptRows()).reasons();
    case 'scoreFiles': {
      scoringFiles.abort();
      scoringFiles = new AbortController();
      const { signal } = scoringFiles;
      fileScores = await (await fileScorer())(call.params.files, signal, (loaded, total) =>
        post({ id: call.id, kind: 'progress', progress: { loaded, total, file: '' } }),
      );
      return fileScores.result;
    }
    case 'fileDates':
      if (!fileScores) throw new Error('No file is scored yet.');
      return fileScores.dates();
    case 'photo':
      return (await import('../files/photo.ts')).decodePhoto(
        call.params.file,
        pictureOf(bundle().manifest.data),
      );
    case 'cancelFiles':
      scoringFiles.abort(new Error('cancelled'));
      return undefined;
    case 'exportScores':
      if (!fileScores) throw new Error('No file is scored yet.');
      return fileScores.toCsv(call.params.level);
    case 'scoreByApi':
      return (await import('./api.ts')).scoreByApi(call.params, bundle().manifest.data);
  }
}

/** The names of a site's models. What is kept of others, which have gone, is removed. */
async function findModels(site: string): Promise<string[]> {
  const names = await (await import('./models.ts')).listModels(site);
  void dropModels(site, names);
  return names;
}

async function expectPoint(point: number): Promise<Float32Array> {
  const index = await codes();
  if (point >= index.count) throw new Error('the bundle does not keep the code of this point.');
  return (await decoder())(index.codeOf(point));
}

async function loadSheet(sheet: number): Promise<Uint8Array> {
  const layout = layoutOf(bundle().manifest);
  const name = layout?.files[sheet];
  if (!layout || !name) throw new BundleError(`the bundle has no sheet ${sheet} of thumbnails`);
  return decodeSheet(layout, name, await bundle().file(name));
}

/** The nearest points: listed in the bundle or, if `codes.bin` has all points, found by their codes. */
async function findNeighbours(point: number, count: number): Promise<number[]> {
  const { neighbours } = anyBundle().manifest.map;
  if (neighbours) {
    const { k, per_file, files } = neighbours;
    const list = await neighbourFile(files[Math.floor(point / per_file)]!);
    return (await later()).listNeighbours(list, k, point % per_file).slice(0, count);
  }
  const index = await codes();
  const found = index.nearest(index.codeOf(point), count + 1).map((neighbour) => neighbour.index);
  return found.filter((other) => other !== point).slice(0, count);
}

/** The memory of large results moves to the page instead of being copied. */
const memoryOf = (name: CallName, result: Calls[CallName]['result']): Transferable[] => {
  if (name === 'sheet') return [(result as Uint8Array).buffer];
  if (name !== 'open' || 'table' in (result as OpenedData | OpenedMap)) return [];
  const { points, order } = result as OpenedData;
  const columns = [points, order, order.tested].flatMap((part): unknown[] => Object.values(part));
  return columns.flatMap((column) => (ArrayBuffer.isView(column) ? [column.buffer] : []));
};

self.onmessage = async ({ data }: MessageEvent<Call>) => {
  try {
    const result = await perform(data);
    post({ id: data.id, kind: 'result', result }, memoryOf(data.name, result));
  } catch (error) {
    post({ id: data.id, kind: 'error', message: (error as Error).message });
  }
};
