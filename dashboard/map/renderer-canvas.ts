import type { Camera } from './camera.ts';
import { coarseStride, type Marks, type Paint, type Renderer, type Scene } from './renderer.ts';

/** Draws the map as dots on a 2-D canvas, for browsers without WebGL2. */
export function createCanvasRenderer(canvas: HTMLCanvasElement, { x, y }: Scene): Renderer {
  const context = canvas.getContext('2d')!;
  let fills: string[] = [];
  let order = new Uint32Array();
  return {
    name: 'Canvas',
    thumbnails: false,
    want: () => [],
    upload() {},
    paint(paint: Paint) {
      order = new Uint32Array(paint.order);
      fills = Array.from(x, (_, i) => {
        const [red, green, blue, alpha] = paint.colours.subarray(4 * i, 4 * i + 4);
        return `rgb(${red} ${green} ${blue} / ${alpha! / 255})`;
      });
    },
    draw(camera: Camera, { dot }: Marks, pixelRatio: number, coarse = false) {
      context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
      context.clearRect(0, 0, camera.width, camera.height);
      const stride = coarse ? coarseStride(order.length) : 1;
      for (let k = 0; k < order.length; k += stride) {
        const i = order[k]!;
        const at = camera.toScreen({ x: x[i]!, y: y[i]! });
        if (at.x < -dot || at.y < -dot || at.x > camera.width + dot || at.y > camera.height + dot) continue;
        context.fillStyle = fills[i]!;
        context.beginPath();
        context.arc(at.x, at.y, dot / 2, 0, 2 * Math.PI);
        context.fill();
      }
    },
  };
}
