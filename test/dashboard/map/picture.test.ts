import { expect, test } from 'vitest';
import { toSvg } from '../../../dashboard/map/picture.ts';

const capture = {
  view: { x: 0, y: 0, scale: 10 },
  size: { width: 200, height: 100 },
  dot: 4,
  ground: 'rgb(255, 255, 255)',
  ink: 'rgb(0, 0, 0)',
};

test('an SVG has a dot where each point is on screen, in the order and colours of the map', () => {
  const x = Float32Array.of(0, 5, -5, 500);
  const y = Float32Array.of(0, 2, -2, 0);
  const colours = Uint8Array.of(255, 0, 0, 255, 0, 0, 255, 128, 255, 0, 0, 255, 1, 2, 3, 255);
  const order = Uint32Array.of(2, 0, 3, 1);
  const svg = toSvg(capture, { x, y }, { colours, order }, [{ label: 0, text: 'a < b', x: 1, y: 1 }]);
  expect(svg).toContain('viewBox="0 0 200 100"');
  expect([...svg.matchAll(/<path stroke="(.*?)" d="(.*?)"/g)].map(([, ...found]) => found)).toEqual([
    ['#ff0000ff', 'M50.0 70.0h0M100.0 50.0h0'],
    ['#0000ff80', 'M150.0 30.0h0'],
  ]);
  expect(svg).toContain('<text font-size="21" x="110.0" y="40.0">a &#60; b</text>');
});
