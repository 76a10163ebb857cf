import type { Camera } from './camera.ts';
import { coarseStride, type Marks, type Paint, type Renderer, type Scene } from './renderer.ts';
import { createSheetTextures } from './sheet-textures.ts';

const VERTEX = `#version 300 es
layout(location = 0) in vec2 place;
layout(location = 1) in vec4 colour;
layout(location = 2) in uint slot;
uniform vec2 centre;
uniform vec2 unit;
uniform float size;
uniform ivec2 grid; // columns, tiles in a sheet
uniform highp isampler2D layers; // each sheet's layer, or -1
flat out vec4 ink;
flat out ivec3 tile; // column, row, layer or -1

void main() {
  gl_Position = vec4((place - centre) * unit, 0.0, 1.0);
  gl_PointSize = size;
  ink = colour;
  int place_in_sheet = int(slot) % grid.y;
  int layer = texelFetch(layers, ivec2(int(slot) / grid.y, 0), 0).r;
  tile = ivec3(place_in_sheet % grid.x, place_in_sheet / grid.x, layer);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp sampler2DArray;
uniform float size;
uniform float dot_size;
uniform float thumbnails;
uniform bool coloured; // whether thumbnails have their own colours, or else the point's
uniform vec2 stretch; // the longer side of a tile over its width and height
uniform vec2 tile_share; // a tile's share of a sheet's width and height
uniform sampler2DArray sheets;
const float frame_width = 2.0; // around a coloured thumbnail, in the point's colour
flat in vec4 ink;
flat in ivec3 tile;
out vec4 result;

void main() {
  float from_centre = length(gl_PointCoord - 0.5) * size;
  float disc = 1.0 - smoothstep(dot_size * 0.5 - 0.7, dot_size * 0.5 + 0.7, from_centre);
  float alpha = disc;
  vec3 colour = ink.rgb;
  if (thumbnails > 0.0 && tile.z >= 0) {
    vec2 inside = (gl_PointCoord - 0.5) * stretch + 0.5;
    vec2 at = (vec2(tile.xy) + inside) * tile_share;
    vec3 light = texture(sheets, vec3(at, float(tile.z))).rgb;
    float shown = coloured ? 1.0 : min(1.0, 1.15 * light.r);
    if (any(greaterThan(abs(inside - 0.5), vec2(0.5)))) shown = 0.0;
    alpha = mix(disc, shown, thumbnails);
    bool frame = any(greaterThan(abs(inside - 0.5), 0.5 - frame_width * stretch / size));
    if (coloured && !frame) colour = mix(colour, light, thumbnails);
  }
  alpha *= ink.a;
  if (alpha < 0.004) discard;
  result = vec4(colour * alpha, alpha);
}`;

const UNIFORMS = [
  'centre',
  'unit',
  'size',
  'grid',
  'dot_size',
  'thumbnails',
  'coloured',
  'stretch',
  'tile_share',
  'sheets',
  'layers',
] as const;

/**
 * Draws all points in one WebGL2 call: positions and colours are typed arrays on the graphics card, and a point's slot
 * leads to its thumbnail in an array texture of the sprite sheets, or to none as long as its sheet is not there. Returns undefined in a browser without WebGL2.
 */
export function createWebglRenderer(canvas: HTMLCanvasElement, scene: Scene): Renderer | undefined {
  const gl = canvas.getContext('webgl2', { antialias: false, premultipliedAlpha: true });
  if (!gl) return undefined;
  const program = link(gl);
  const uniform = Object.fromEntries(
    UNIFORMS.map((name) => [name, gl.getUniformLocation(program, name)]),
  ) as Record<(typeof UNIFORMS)[number], WebGLUniformLocation | null>;
  const count = scene.x.length;
  const places = new Float32Array(2 * count);
  const placeBuffer = gl.createBuffer();
  const colourBuffer = gl.createBuffer();
  const move = (x: Float32Array, y: Float32Array) => {
    for (let i = 0; i < count; i++) {
      places[2 * i] = x[i]!;
      places[2 * i + 1] = y[i]!;
    }
    gl.bindBuffer(gl.ARRAY_BUFFER, placeBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, places, gl.DYNAMIC_DRAW);
  };
  gl.bindVertexArray(gl.createVertexArray());
  move(scene.x, scene.y);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, scene.sprites?.slots ?? new Uint32Array(count), gl.STATIC_DRAW);
  gl.enableVertexAttribArray(2);
  gl.vertexAttribIPointer(2, 1, gl.UNSIGNED_INT, 0, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, colourBuffer);
  gl.bufferData(gl.ARRAY_BUFFER, 4 * count, gl.DYNAMIC_DRAW);
  gl.enableVertexAttribArray(1);
  gl.vertexAttribPointer(1, 4, gl.UNSIGNED_BYTE, true, 0, 0);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  /** The element buffer has all points and, behind them, those of a coarse drawing. */
  let drawn = { all: 0, some: 0 };

  gl.useProgram(program);
  const sheets = scene.sprites && createSheetTextures(gl, scene.sprites.layout);
  gl.uniform2i(uniform.grid, 1, 1);
  if (scene.sprites && sheets) {
    const { tile, columns, perSheet, width } = scene.sprites.layout;
    const side = Math.max(tile.width, tile.height);
    gl.uniform2i(uniform.grid, columns, perSheet);
    gl.uniform1i(uniform.coloured, tile.channels === 3 ? 1 : 0);
    gl.uniform2f(uniform.stretch, side / tile.width, side / tile.height);
    gl.uniform2f(uniform.tile_share, tile.width / width, tile.height / sheets.height);
  }
  gl.uniform1i(uniform.sheets, sheets?.units.sheets ?? 0);
  gl.uniform1i(uniform.layers, sheets?.units.layers ?? 1);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  return {
    name: 'WebGL2',
    opaque: false,
    thumbnails: sheets !== undefined,
    want: (wanted) => sheets?.want(wanted) ?? [],
    upload: (sheet, pixels) => sheets?.upload(sheet, pixels),
    move,
    paint({ colours, order }: Paint) {
      gl.bindBuffer(gl.ARRAY_BUFFER, colourBuffer);
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, colours);
      const stride = coarseStride(order.length);
      const some = order.filter((_, at) => at % stride === 0);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order.byteLength + some.byteLength, gl.DYNAMIC_DRAW);
      gl.bufferSubData(gl.ELEMENT_ARRAY_BUFFER, 0, order);
      gl.bufferSubData(gl.ELEMENT_ARRAY_BUFFER, order.byteLength, some);
      drawn = { all: order.length, some: some.length };
    },
    draw(camera: Camera, marks: Marks, pixelRatio: number, coarse = false) {
      const { view } = camera;
      gl.viewport(0, 0, canvas.width, canvas.height);
      gl.clearColor(0, 0, 0, 0);
      gl.clear(gl.COLOR_BUFFER_BIT);
      gl.uniform2f(uniform.centre, view.x, view.y);
      gl.uniform2f(uniform.unit, (2 * view.scale) / camera.width, (2 * view.scale) / camera.height);
      const size = marks.thumbnails > 0 ? Math.max(marks.tile, marks.dot) : marks.dot + 2;
      gl.uniform1f(uniform.size, size * pixelRatio);
      gl.uniform1f(uniform.dot_size, marks.dot * pixelRatio);
      gl.uniform1f(uniform.thumbnails, marks.thumbnails);
      const offset = coarse ? drawn.all * Uint32Array.BYTES_PER_ELEMENT : 0;
      gl.drawElements(gl.POINTS, coarse ? drawn.some : drawn.all, gl.UNSIGNED_INT, offset);
    },
  };
}

function link(gl: WebGL2RenderingContext): WebGLProgram {
  const program = gl.createProgram();
  for (const [kind, source] of [
    [gl.VERTEX_SHADER, VERTEX],
    [gl.FRAGMENT_SHADER, FRAGMENT],
  ] as const) {
    const shader = gl.createShader(kind)!;
    gl.shaderSource(shader, source);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost()) {
    throw new Error(
      `The map's shaders do not compile on this graphics card: ${gl.getProgramInfoLog(program)}`,
    );
  }
  return program;
}
