import { type Place, toScreen, type View } from './camera.ts';
import { type ClassLabel, layOutLabels } from './labels.ts';
import type { Paint } from './renderer.ts';
import type { Box } from './tip.ts';

/** The map as it is on screen. */
export interface Capture {
  canvas: OffscreenCanvas;
  view: View;
  size: Box;
  /** The diameter of a dot in CSS pixels. */
  dot: number;
  /** CSS colours of the background and of texts. */
  ground: string;
  ink: string;
}

/** A picture of the map, with its labels, as PNG. */
export function toPng(
  { canvas, view, size, ground, ink }: Capture,
  labels: readonly ClassLabel[],
): Promise<Blob> {
  const picture = new OffscreenCanvas(canvas.width, canvas.height);
  const context = picture.getContext('2d')!;
  context.fillStyle = ground;
  context.fillRect(0, 0, picture.width, picture.height);
  context.drawImage(canvas, 0, 0);
  context.scale(canvas.width / size.width, canvas.height / size.height);
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 5;
  const screen = (place: Place) => toScreen(place, view, size.width, size.height);
  for (const { text, x, y, fontSize } of layOutLabels(labels, screen, size.width)) {
    context.font = `bold ${fontSize}px sans-serif`;
    context.strokeStyle = ground;
    context.strokeText(text, x, y);
    context.fillStyle = ink;
    context.fillText(text, x, y);
  }
  return picture.convertToBlob({ type: 'image/png' });
}

/** A drawing of the points on screen as SVG: points of one colour that follow one another are one path of dots. */
export function toSvg(
  { view, size, dot, ground, ink }: Omit<Capture, 'canvas'>,
  { x, y }: { x: Float32Array; y: Float32Array },
  { colours, order }: Paint,
  labels: readonly ClassLabel[],
): string {
  const { width, height } = size;
  const words = new Uint32Array(colours.buffer, colours.byteOffset, colours.length / 4);
  const paths: string[] = [];
  let word: number | undefined;
  let dots = '';
  const flush = () => {
    if (word !== undefined && dots) paths.push(`<path stroke="${cssOf(word)}" d="${dots}"/>`);
    dots = '';
  };
  for (const i of order) {
    const at = toScreen({ x: x[i]!, y: y[i]! }, view, width, height);
    if (at.x < -dot || at.y < -dot || at.x > width + dot || at.y > height + dot) continue;
    if (words[i] !== word) flush();
    word = words[i];
    dots += `M${at.x.toFixed(1)} ${at.y.toFixed(1)}h0`;
  }
  flush();
  const screen = (place: Place) => toScreen(place, view, width, height);
  const texts = layOutLabels(labels, screen, width).map(
    (label) =>
      `<text font-size="${label.fontSize}" x="${label.x.toFixed(1)}" y="${label.y.toFixed(1)}">${escapeXml(label.text)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="100%" height="100%" fill="${ground}"/>`,
    `<g fill="none" stroke-linecap="round" stroke-width="${dot.toFixed(2)}">${paths.join('')}</g>`,
    `<g fill="${ink}" stroke="${ground}" stroke-width="5" stroke-linejoin="round" paint-order="stroke"`,
    ` font-family="sans-serif" font-weight="700" text-anchor="middle" dominant-baseline="central">`,
    `${texts.join('')}</g></svg>`,
  ].join('');
}

/** A colour from its RGBA bytes as a little-endian word. */
const cssOf = (word: number): string => {
  const hex = [0, 8, 16, 24].map((shift) => ((word >>> shift) & 255).toString(16).padStart(2, '0'));
  return `#${hex.join('')}`;
};

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (mark) => `&#${mark.charCodeAt(0)};`);
