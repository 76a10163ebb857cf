import type { Camera } from './camera.ts';
import type { Marks, Paint, Renderer, Scene } from './renderer.ts';

const VERTEX = `#version 300 es
layout(location = 0) in vec2 place;
layout(location = 1) in vec4 colour;
uniform vec2 centre;
uniform vec2 unit;
uniform float size;
uniform ivec2 grid; // columns, tiles in a sheet
flat out vec4 ink;
flat out ivec3 tile; // column, row, sheet

void main() {
  gl_Position = vec4((place - centre) * unit, 0.0, 1.0);
  gl_PointSize = size;
  ink = colour;
  int slot = gl_VertexID % grid.y;
  tile = ivec3(slot % grid.x, slot / grid.x, gl_VertexID / grid.y);
}`;

const FRAGMENT = `#version 300 es
precision highp float;
precision highp sampler2DArray;
uniform float size;
uniform float dot_size;
uniform float thumbnails;
uniform vec2 tile_share; // of the sheet's width and height
uniform sampler2DArray sheets;
flat in vec4 ink;
flat in ivec3 tile;
out vec4 result;

void main() {
  float from_centre = length(gl_PointCoord - 0.5) * size;
  float disc = 1.0 - smoothstep(dot_size * 0.5 - 0.7, dot_size * 0.5 + 0.7, from_centre);
  float alpha = disc;
  if (thumbnails > 0.0) {
    vec2 at = (vec2(tile.xy) + gl_PointCoord) * tile_share;
    alpha = mix(disc, min(1.0, 1.15 * texture(sheets, vec3(at, float(tile.z))).r), thumbnails);
  }
  alpha *= ink.a;
  if (alpha < 0.004) discard;
  result = vec4(ink.rgb * alpha, alpha);
}`;

const UNIFORMS = [
  'centre',
  'unit',
  'size',
  'grid',
  'dot_size',
  'thumbnails',
  'tile_share',
  'sheets',
] as const;

/**
 * All points in one WebGL2 draw call: positions and colours are typed arrays on the graphics card, and a
 * point's thumbnail is found by its index in an array texture of the sprite sheets. Returns undefined where
 * the browser has no WebGL2.
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
  for (let i = 0; i < count; i++) {
    places[2 * i] = scene.x[i]!;
    places[2 * i + 1] = scene.y[i]!;
  }
  gl.bindVertexArray(gl.createVertexArray());
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, places, gl.STATIC_DRAW);
  gl.enableVertexAttribArray(0);
  gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 0, 0);
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.bufferData(gl.ARRAY_BUFFER, 4 * count, gl.DYNAMIC_DRAW);
  gl.enableVertexAttribArray(1);
  gl.vertexAttribPointer(1, 4, gl.UNSIGNED_BYTE, true, 0, 0);
  gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
  let drawn = 0;

  gl.useProgram(program);
  const { sprites } = scene;
  const height = Math.max(...sprites.sheets.map((sheet) => sheet.length / sprites.width));
  const limit = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
  const layers = gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS) as number;
  const thumbnails = sprites.sheets.length <= layers && Math.max(sprites.width, height) <= limit;
  if (thumbnails) uploadSheets(gl, scene, height);
  gl.uniform2i(uniform.grid, sprites.columns, sprites.perSheet);
  gl.uniform2f(uniform.tile_share, sprites.tile[0] / sprites.width, sprites.tile[1] / height);
  gl.uniform1i(uniform.sheets, 0);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);

  return {
    name: 'WebGL2',
    thumbnails,
    paint({ colours, order }: Paint) {
      gl.bufferSubData(gl.ARRAY_BUFFER, 0, colours);
      gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, order, gl.DYNAMIC_DRAW);
      drawn = order.length;
    },
    draw(camera: Camera, marks: Marks, pixelRatio: number) {
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
      gl.drawElements(gl.POINTS, drawn, gl.UNSIGNED_INT, 0);
    },
  };
}

function uploadSheets(gl: WebGL2RenderingContext, { sprites }: Scene, height: number): void {
  const { width, sheets } = sprites;
  gl.bindTexture(gl.TEXTURE_2D_ARRAY, gl.createTexture());
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texStorage3D(gl.TEXTURE_2D_ARRAY, 1, gl.R8, width, height, sheets.length);
  for (const [layer, sheet] of sheets.entries()) {
    gl.texSubImage3D(
      gl.TEXTURE_2D_ARRAY,
      0,
      0,
      0,
      layer,
      width,
      sheet.length / width,
      1,
      gl.RED,
      gl.UNSIGNED_BYTE,
      sheet,
    );
  }
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
  gl.texParameteri(gl.TEXTURE_2D_ARRAY, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
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
    throw new Error(`The map's shaders do not compile here: ${gl.getProgramInfoLog(program)}`);
  }
  return program;
}
