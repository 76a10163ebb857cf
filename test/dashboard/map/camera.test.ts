import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Camera, extentOf, type Place } from '../../../dashboard/map/camera.ts';

const EXTENT = { left: -40, right: 60, bottom: -30, top: 20 };
const place = fc.record({
  x: fc.double({ min: -40, max: 60, noNaN: true }),
  y: fc.double({ min: -30, max: 20, noNaN: true }),
});
const pixel = fc.record({
  x: fc.double({ min: 0, max: 800, noNaN: true }),
  y: fc.double({ min: 0, max: 500, noNaN: true }),
});
const factor = fc.double({ min: 0.2, max: 12, noNaN: true });

/** A camera on 800 × 500 pixels that shows the whole map. */
function newCamera(): Camera {
  const camera = new Camera(EXTENT);
  camera.resize(800, 500, 20);
  return camera;
}

/** Lets the camera move to its goal, a frame at a time. */
function arrive(camera: Camera): void {
  let frames = 0;
  while (camera.step(16)) expect(frames++).toBeLessThan(500);
}

const expectSame = (a: Place, b: Place, digits = 6) => {
  expect(a.x).toBeCloseTo(b.x, digits);
  expect(a.y).toBeCloseTo(b.y, digits);
};

test('a place of the map and its pixel are inverse, at any zoom', () => {
  fc.assert(
    fc.property(place, pixel, factor, (somewhere, about, zoom) => {
      const camera = newCamera();
      camera.zoomBy(zoom, about);
      camera.settle();
      expectSame(camera.toMap(camera.toScreen(somewhere)), somewhere);
    }),
  );
});

test('the whole map is inside its margin, centred, and up is up', () => {
  const camera = newCamera();
  const [lowest, highest] = [camera.toScreen({ x: -40, y: -30 }), camera.toScreen({ x: 60, y: 20 })];
  expectSame({ x: (lowest.x + highest.x) / 2, y: (lowest.y + highest.y) / 2 }, { x: 400, y: 250 });
  expect(highest.y).toBeLessThan(lowest.y);
  for (const { x, y } of [lowest, highest]) {
    expect(Math.min(x, 800 - x)).toBeGreaterThanOrEqual(20 - 1e-9);
    expect(Math.min(y, 500 - y)).toBeGreaterThanOrEqual(20 - 1e-9);
  }
  // One of the two sides is used in full.
  expect(Math.min(lowest.x, 500 - lowest.y)).toBeCloseTo(20, 9);
});

test('zooming keeps the place under the pointer where it is, on every frame of the way', () => {
  fc.assert(
    // Inside the map, as a view does not leave it.
    fc.property(place, fc.double({ min: 1.2, max: 12, noNaN: true }), (somewhere, zoom) => {
      const camera = newCamera();
      const about = camera.toScreen(somewhere);
      camera.zoomBy(zoom, about);
      for (let frame = 0; frame < 20; frame++) {
        camera.step(16);
        expectSame(camera.toScreen(somewhere), about, 3);
      }
    }),
  );
});

test('zoom has an end in both directions', () => {
  const camera = newCamera();
  const { scale } = camera.home;
  camera.zoomBy(1e9);
  camera.settle();
  expect(camera.view.scale / scale).toBeCloseTo(80, 9);
  camera.zoomBy(1e-9);
  camera.settle();
  expect(camera.view.scale / scale).toBeCloseTo(0.5, 9);
});

test('a drag moves the map with the finger at once, a key smoothly', () => {
  const camera = newCamera();
  camera.zoomBy(4);
  camera.settle();
  const under = camera.toMap({ x: 400, y: 250 });
  camera.panBy(30, -12);
  expectSame(camera.toScreen(under), { x: 430, y: 238 });
  const before = { ...camera.view };
  camera.panBy(30, 0, true);
  expect(camera.view).toEqual(before);
  arrive(camera);
  expectSame(camera.toScreen(under), { x: 460, y: 238 }, 0);
});

test('a view never leaves the map', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: -5000, max: 5000 }), factor), { maxLength: 8 }),
      (moves) => {
        const camera = newCamera();
        for (const [by, zoom] of moves) {
          camera.panBy(by, -by, true);
          camera.zoomBy(zoom);
        }
        camera.settle();
        expect(camera.view.x).toBeGreaterThanOrEqual(EXTENT.left);
        expect(camera.view.x).toBeLessThanOrEqual(EXTENT.right);
        expect(camera.view.y).toBeGreaterThanOrEqual(EXTENT.bottom);
        expect(camera.view.y).toBeLessThanOrEqual(EXTENT.top);
      },
    ),
  );
});

test('going to a place centres it, zooms in as far as asked, and never out', () => {
  const camera = newCamera();
  camera.goTo({ x: 10, y: 5 }, 3);
  arrive(camera);
  expectSame(camera.toScreen({ x: 10, y: 5 }), { x: 400, y: 250 }, 3);
  expect(camera.view.scale / camera.home.scale).toBeCloseTo(3, 3);
  camera.goTo({ x: 0, y: 0 }, 1);
  arrive(camera);
  expect(camera.view.scale / camera.home.scale).toBeCloseTo(3, 3);
  camera.reset();
  arrive(camera);
  expect(camera.view).toEqual(camera.home);
});

test('a new size keeps the whole map in view, but not a view that was zoomed', () => {
  const camera = newCamera();
  camera.resize(400, 400, 20);
  expect(camera.view).toEqual(camera.home);
  camera.zoomBy(5);
  camera.settle();
  const view = { ...camera.view };
  camera.resize(900, 300, 20);
  expect(camera.view).toEqual(view);
});

test('a single point, or points in a line, still have a view', () => {
  const camera = new Camera(extentOf(Float32Array.of(3, 3), Float32Array.of(1, 1)));
  camera.resize(800, 500, 20);
  expectSame(camera.toScreen({ x: 3, y: 1 }), { x: 400, y: 250 });
});

test('the extent is the least box around the points', () => {
  expect(extentOf(Float32Array.of(1, -2, 0.5), Float32Array.of(4, 8, 6))).toEqual({
    left: -2,
    right: 1,
    bottom: 4,
    top: 8,
  });
});

test('what an address says of a view leads back to it, also on a screen of another size', () => {
  fc.assert(
    fc.property(place, fc.double({ min: 1.1, max: 12, noNaN: true }), (somewhere, zoom) => {
      const camera = newCamera();
      camera.goTo(somewhere, zoom);
      const framing = camera.framing!;
      camera.reset();
      camera.frame(framing);
      camera.settle();
      expect(camera.framing).toEqual(framing);
      expectSame(camera.toScreen(somewhere), { x: 400, y: 250 }, 0);
      const other = new Camera(EXTENT);
      other.resize(390, 844, 20);
      other.frame(framing);
      other.settle();
      expect(other.view.scale / other.home.scale).toBeCloseTo(zoom, 2);
      expectSame(other.toScreen(somewhere), { x: 195, y: 422 }, 0);
    }),
  );
});

test('the whole map needs no place in an address, nor does what is the same to the eye', () => {
  const camera = newCamera();
  expect(camera.framing).toBeUndefined();
  camera.panBy(0.01, 0);
  expect(camera.framing).toBeUndefined();
  camera.zoomBy(2);
  expect(camera.framing).toBeDefined();
  camera.frame(undefined);
  expect(camera.framing).toBeUndefined();
});
