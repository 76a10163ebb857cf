import type { CodeIndex } from '../../bundle/codes.ts';
import { httpSource, openBundle } from '../../bundle/reader.ts';
import type { RowsFile } from '../../bundle/rows.ts';
import { scoreByApi } from './api.ts';
import { type OpenedBundle, openDataset } from './load.ts';
import { openRows } from './open-rows.ts';
import type { Call, CallName, Calls, Reply } from './protocol.ts';
import {
  createDecoder,
  createScorer,
  createSecondScorer,
  type Decoder,
  type Scorer,
  type SecondScorer,
} from './scorer.ts';

let opened: OpenedBundle | undefined;
let scorer: Promise<Scorer> | undefined;
let second: Promise<SecondScorer> | undefined;
let decoder: Promise<Decoder> | undefined;
let rows: Promise<RowsFile> | undefined;
/** The bundle's address. */
let base = '';

const post = (reply: Reply) => self.postMessage(reply);

const bundle = (): OpenedBundle => {
  if (!opened) throw new Error('The bundle is not open yet.');
  return opened;
};

async function perform(call: Call): Promise<Calls[CallName]['result']> {
  switch (call.name) {
    case 'open': {
      base = call.params.base;
      opened = await openDataset(await openBundle(httpSource(call.params.base)), (progress) =>
        post({ id: call.id, kind: 'progress', progress }),
      );
      return opened.dataset;
    }
    case 'neighbours':
      return neighbours(bundle().codes, call.params.index, call.params.count);
    case 'score': {
      const { bundle: files, codes } = bundle();
      scorer ??= files.file('scorer.onnx').then((model) => createScorer(model, codes, files.manifest));
      scorer.catch(() => {
        scorer = undefined;
      });
      return (await scorer)(call.params.sample);
    }
    case 'secondOpinion': {
      second ??= bundle().bundle.file('scorer.onnx').then(createSecondScorer);
      second.catch(() => {
        second = undefined;
      });
      return (await second)(call.params.sample);
    }
    case 'expected': {
      const { bundle: files, codes } = bundle();
      decoder ??= files.file('decoder.onnx').then(createDecoder);
      decoder.catch(() => {
        decoder = undefined;
      });
      return (await decoder)(codes.codeOf(call.params.index));
    }
    case 'rows':
      return (await keptRows()).rows(call.params.indices);
    case 'column':
      return (await keptRows()).column(call.params.name);
    case 'reasons':
      return (await keptRows()).reasons();
    case 'scoreByApi':
      return scoreByApi(call.params, bundle().dataset.manifest.data);
  }
}

function keptRows(): Promise<RowsFile> {
  rows ??= openRows(bundle().bundle, base);
  rows.catch(() => {
    rows = undefined;
  });
  return rows;
}

function neighbours(codes: CodeIndex, index: number, count: number): number[] {
  const found = codes.nearest(codes.codeOf(index), count + 1).map((neighbour) => neighbour.index);
  return found.filter((other) => other !== index).slice(0, count);
}

self.onmessage = async ({ data }: MessageEvent<Call>) => {
  try {
    post({ id: data.id, kind: 'result', result: await perform(data) });
  } catch (error) {
    post({ id: data.id, kind: 'error', message: (error as Error).message });
  }
};
