import { encode } from 'fast-png';
import { expect, test } from 'vitest';
import { SCORER_OUTPUTS } from '../../bundle/scorer.ts';
import decoder from '../../dist/bundle/decoder.onnx';
import scorer from '../../dist/bundle/scorer.onnx';
import { Engine } from '../../engine/engine.ts';
import * as edge from '../../functions/model/offmanifold-engine.ts';
import * as onnxruntime from '../../functions/model/onnxruntime-web-engine.ts';
import { parseScoreQuery } from '../../functions/routes/score-query.ts';
import kernels from '../../kernels/build/inference-relaxed.wasm';
import file from '../../node_modules/.cache/offmanifold/test-expected.json';
import { deviation, readParity } from '../support/parity.ts';
import { call, manifest, post, postJson, scored } from './support.ts';

const parity = readParity(file);
const { n, outputs: expected } = parity;
const { features } = manifest.data;
const samples = Array.from({ length: n }, (_, i) =>
  Array.from(parity.samples.subarray(i * features, (i + 1) * features)),
);
const octets = (rows: number[][]) => Uint8Array.from(rows.flat());
const relative = (a: number, b: number) => Math.abs(a - b) / Math.abs(b);

for (const [title, { createEngine }] of Object.entries({ edge, onnxruntime })) {
  test(`the scorer gives the same outputs in workerd, by ${title}, as in onnxruntime-node`, async () => {
    const engine = await createEngine(new Uint8Array(scorer));
    const found = await engine.run(Float32Array.from(parity.samples), n, SCORER_OUTPUTS);
    for (const name of SCORER_OUTPUTS) {
      expect(deviation(found[name], expected[name], n), name).toBeLessThan(1e-4);
    }
  });
}

test('the decoder gives the same samples, too', () => {
  const engine = new Engine(new Uint8Array(decoder), kernels);
  const { sample } = engine.run(expected.code, n, ['sample']);
  expect(deviation(sample, expected.sample, n)).toBeLessThan(1e-4);
});

test('scores of the API equal those of onnxruntime-node', async () => {
  const { results } = await scored(await postJson({ instances: samples }));
  const found = { score: results.map(({ score }) => score), p_value: results.map(({ p_value }) => p_value) };
  expect(deviation(found.score, expected.score, n)).toBeLessThan(1e-4);
  expect(deviation(found.p_value, expected.p_value, n)).toBeLessThan(1e-6);
});

test('shares of the features add up to 1, the largest first, with the errors of the reconstruction', async () => {
  const { results } = await scored(await postJson({ instances: [samples[0]] }, `?explain=${features}`));
  const found = results[0]!.features!;
  expect(found.length).toBe(features);
  for (const { index, row, column, error, share, value } of found) {
    expect([row, column]).toEqual([Math.floor(index / 28), index % 28]);
    expect(error).toBeCloseTo(expected.feature_error[index]!, 5);
    expect(share).toBeCloseTo(expected.feature_share[index]!, 5);
    expect(value).toBe(samples[0]![index]);
  }
  const shares = found.map(({ share }) => share);
  expect(shares).toEqual(shares.toSorted((a, b) => b - a));
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 4);
});

test('the surprises of all detectors are listed, the largest first, and the score is their mean', async () => {
  const { detectors } = manifest.scorer;
  const { results } = await scored(await postJson({ instances: samples }, '?explain=1'));
  for (const [i, { score, detectors: found }] of results.entries()) {
    const surprise = found!.map((one) => one.surprise);
    expect(surprise).toEqual(surprise.toSorted((a, b) => b - a));
    expect(new Set(found!.map(({ name }) => name))).toEqual(new Set(detectors.map(({ name }) => name)));
    for (const { name, title, family, surprise } of found!) {
      const j = detectors.findIndex((one) => one.name === name);
      expect({ name, title, family }).toEqual(detectors[j]);
      const wanted = expected.detectors[i * detectors.length + j]!;
      expect(Math.abs(surprise - wanted)).toBeLessThan(1e-3 * Math.max(1, wanted));
    }
    const mean = surprise.reduce((sum, value) => sum + value, 0) / surprise.length;
    expect(Math.abs(mean - score)).toBeLessThan(1e-4 * Math.max(1, score));
  }
});

test('discoveries at a false discovery rate are those of Benjamini and Hochberg', async () => {
  const plain = await scored(await postJson({ instances: samples }));
  expect(plain.fdr).toBeUndefined();
  expect('discovery' in plain.results[0]!).toBe(false);
  const q = 0.1;
  const answer = await scored(await postJson({ instances: samples }, `?fdr=${q}`));
  const sorted = answer.results.map(({ p_value }) => p_value).toSorted((a, b) => a - b);
  const k = sorted.filter((_, i) => sorted[i]! <= ((i + 1) * q) / n + 1e-12);
  expect(k.length).toBeGreaterThan(0);
  const threshold = k.at(-1)!;
  for (const { p_value, discovery } of answer.results) expect(discovery).toBe(p_value <= threshold);
  const discoveries = answer.results.filter(({ discovery }) => discovery).length;
  expect(answer.fdr).toEqual({ q, discoveries, threshold });
  const none = await scored(await postJson({ instances: [samples[0]] }, '?fdr=0.001'));
  expect(none.fdr).toEqual({ q: 0.001, discoveries: 0, threshold: null });
});

test('JSON and bytes of the same samples give the same answer', async () => {
  const json = await scored(await postJson({ instances: samples.slice(0, 5) }, '?explain=3&map=true'));
  const bytes = await scored(
    await post('application/octet-stream', octets(samples.slice(0, 5)), '?explain=3&map=true'),
  );
  expect(bytes).toEqual(json);
});

test('a PNG of a sample gives the answer of the sample', async () => {
  const data = octets([samples[0]!]);
  const side = Math.sqrt(data.length);
  const png = new Uint8Array(encode({ width: side, height: side, channels: 1, data }));
  const inverted = new Uint8Array(
    encode({ width: side, height: side, channels: 1, data: data.map((value) => 255 - value) }),
  );
  const [bytes] = (await scored(await post('application/octet-stream', data))).results;
  for (const [image, query] of [
    [png, ''],
    [png, '?invert=false'],
    [inverted, '?invert=true'],
  ] as const) {
    const { results } = await scored(await post('image/png', image, query));
    expect(results.length).toBe(1);
    expect(relative(results[0]!.score, bytes!.score)).toBeLessThan(1e-4);
  }
});

test('a sample is scored the same alone and in a batch of 64, and the order is kept', async () => {
  const batch = Array.from({ length: 64 }, (_, i) => samples[i % samples.length]!);
  const { results } = await scored(await postJson({ instances: batch }));
  expect(results.length).toBe(64);
  for (const i of [0, 7, 63]) {
    const alone = await scored(await postJson({ instances: [batch[i]!] }));
    expect(relative(alone.results[0]!.score, results[i]!.score)).toBeLessThan(1e-5);
  }
});

test('requests at the same time do not disturb each other', async () => {
  const alone = [];
  for (const sample of samples.slice(0, 12))
    alone.push(await scored(await postJson({ instances: [sample] })));
  const together = await Promise.all(
    samples.slice(0, 12).map(async (sample) => scored(await postJson({ instances: [sample] }))),
  );
  expect(together).toEqual(alone);
});

test('an instance is anomalous if and only if its p-value is at most the significance', async () => {
  const { results: all } = await scored(await postJson({ instances: samples }, '?significance=1'));
  expect(all.every(({ anomalous }) => anomalous)).toBe(true);
  const level = all.map(({ p_value }) => p_value).toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!;
  const answer = await scored(await postJson({ instances: samples }, `?significance=${level}`));
  expect(answer.significance).toBe(level);
  for (const { p_value, anomalous } of answer.results) expect(anomalous).toBe(p_value <= level);
  expect(answer.results.some(({ anomalous }) => anomalous)).toBe(true);
});

test('the default significance is 0.01, or the smallest p-value, which the error names rounded up', () => {
  const parse = (calibration_count: number, query = '') => {
    const model = { ...manifest, scorer: { ...manifest.scorer, calibration_count } };
    return parseScoreQuery(new URLSearchParams(query), model).significance;
  };
  expect([99, 45].map((count) => parse(count))).toEqual([0.01, 0.022]);
  expect(parse(45, `significance=${1 / 46}`)).toBe(1 / 46);
  expect(parse(45, 'significance=0.022')).toBe(0.022);
  expect(() => parse(45, 'significance=0.01')).toThrow(
    expect.objectContaining({
      errors: [
        {
          parameter: 'significance',
          detail:
            'expected a number from 0.022 to 1 (nothing can be flagged below 1/46, the smallest p-value of 45 calibration samples), got 0.01',
        },
      ],
    }),
  );
});

test('features, detectors and the map are returned only on request', async () => {
  const plain = await scored(await postJson({ instances: [samples[0]] }));
  expect(Object.keys(plain.results[0]!)).toEqual(['score', 'p_value', 'anomalous']);
  const full = await scored(await postJson({ instances: [samples[0]] }, '?explain=4&map=true'));
  expect(full.results[0]!.features!.length).toBe(4);
  expect(full.results[0]!.detectors!.length).toBe(manifest.scorer.detectors.length);
  const distances = full.results[0]!.map!.neighbours.map(({ distance }) => distance);
  expect(distances.length).toBeGreaterThan(0);
  expect(distances).toEqual(distances.toSorted((a, b) => a - b));
});

test('the media type may have parameters and any case', async () => {
  await scored(await post('Application/JSON; charset=utf-8', JSON.stringify({ instances: [samples[0]] })));
});

test('a body sent in parts without a Content-Length is read to its end', async () => {
  const bytes = octets(samples.slice(0, 3));
  const body = new ReadableStream({
    start(controller) {
      for (let i = 0; i < bytes.length; i += 1000) controller.enqueue(bytes.slice(i, i + 1000));
      controller.close();
    },
  });
  const response = await call('/api/v1/score', {
    method: 'POST',
    headers: { 'Content-Type': 'application/octet-stream' },
    body,
  });
  expect((await scored(response)).results.length).toBe(3);
});
