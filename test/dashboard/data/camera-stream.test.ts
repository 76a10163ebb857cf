import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CameraStream } from '../../../dashboard/data/camera-stream.svelte.ts';

// Outside a page, state is a plain value.
beforeEach(() => vi.stubGlobal('$state', { raw: <T>(value: T) => value }));
afterEach(() => vi.unstubAllGlobals());

interface Stream {
  getTracks(): { stop(): void }[];
}

/** A camera whose user permits it when the test says so, and the tracks that are on. */
function createCamera() {
  const camera = new CameraStream<Stream>();
  const on = new Set<object>();
  const questions: { permit: () => Promise<void>; refuse: () => Promise<void> }[] = [];
  const problems: string[] = [];
  const ask = () => {
    const { promise, resolve, reject } = Promise.withResolvers<Stream>();
    questions.push({
      permit: async () => {
        const track = { stop: () => on.delete(track) };
        on.add(track);
        resolve({ getTracks: () => [track] });
        await promise;
      },
      refuse: async () => {
        reject(new Error('refused'));
        await promise.catch(() => undefined);
      },
    });
    return promise;
  };
  const start = () => camera.start(ask, (error) => problems.push(error.message));
  return { camera, on, questions, problems, start };
}

test('the camera is on from the permission until it is stopped', async () => {
  const { camera, on, questions, start } = createCamera();
  start();
  await questions[0]!.permit();
  expect([camera.stream !== undefined, on.size]).toEqual([true, 1]);
  camera.stop();
  expect([camera.stream, on.size]).toEqual([undefined, 0]);
});

test('the user is asked once, however often the button is pressed', async () => {
  const { camera, on, questions, start } = createCamera();
  start();
  start();
  expect(questions).toHaveLength(1);
  await questions[0]!.permit();
  camera.stop();
  expect(on.size).toBe(0);
});

test('a permission that comes after the user has left turns the camera off, and a new start is not disturbed', async () => {
  const { camera, on, questions, start } = createCamera();
  start();
  camera.stop();
  start();
  await questions[0]!.permit();
  expect([camera.stream, on.size]).toEqual([undefined, 0]);
  await questions[1]!.permit();
  expect([camera.stream !== undefined, on.size]).toEqual([true, 1]);
});

test('a refusal is heard, unless the user has left, and the camera can be asked for again', async () => {
  const { camera, questions, problems, start } = createCamera();
  start();
  await questions[0]!.refuse();
  expect(problems).toEqual(['refused']);
  start();
  camera.stop();
  await questions[1]!.refuse();
  start();
  await questions[2]!.permit();
  expect([problems.length, camera.stream !== undefined]).toEqual([1, true]);
});
