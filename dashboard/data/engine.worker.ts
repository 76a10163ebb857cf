import type { CodeIndex } from '../../bundle/codes.ts';
import { httpSource, openBundle } from '../../bundle/reader.ts';
import { askApi } from './api.ts';
import { type Opened, openDataset } from './load.ts';
import type { CallName, Calls, Question, Reply } from './protocol.ts';
import { createDecoder, createScorer, type Decoder, type Scorer } from './scorer.ts';

let opened: Opened | undefined;
let scorer: Promise<Scorer> | undefined;
let decoder: Promise<Decoder> | undefined;

const post = (reply: Reply) => self.postMessage(reply);

const bundle = (): Opened => {
  if (!opened) throw new Error('The bundle is not open yet.');
  return opened;
};

async function answer(question: Question): Promise<Calls[CallName]['answer']> {
  switch (question.name) {
    case 'open': {
      opened = await openDataset(await openBundle(httpSource(question.ask.base)), (progress) =>
        post({ id: question.id, kind: 'progress', progress }),
      );
      return opened.dataset;
    }
    case 'neighbours':
      return neighbours(bundle().codes, question.ask.index, question.ask.count);
    case 'score': {
      const { bundle: files, codes } = bundle();
      scorer ??= files.file('scorer.onnx').then((model) => createScorer(model, codes, files.manifest));
      scorer.catch(() => {
        scorer = undefined;
      });
      return (await scorer)(question.ask.sample);
    }
    case 'expected': {
      const { bundle: files, codes } = bundle();
      decoder ??= files.file('decoder.onnx').then(createDecoder);
      decoder.catch(() => {
        decoder = undefined;
      });
      return (await decoder)(codeOf(codes, question.ask.index));
    }
    case 'askApi':
      return askApi(question.ask, bundle().dataset.manifest.data);
  }
}

const codeOf = ({ codes, dims }: CodeIndex, index: number): Float32Array =>
  codes.slice(index * dims, (index + 1) * dims);

function neighbours(codes: CodeIndex, index: number, count: number): number[] {
  const found = codes.nearest(codeOf(codes, index), count + 1).map((neighbour) => neighbour.index);
  return found.filter((other) => other !== index).slice(0, count);
}

self.onmessage = async ({ data }: MessageEvent<Question>) => {
  try {
    post({ id: data.id, kind: 'answer', answer: await answer(data) });
  } catch (error) {
    post({ id: data.id, kind: 'error', message: (error as Error).message });
  }
};
