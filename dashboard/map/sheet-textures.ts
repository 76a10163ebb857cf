import type { SheetLayout } from '../data/sprites.ts';

/** Sheets on the graphics card take at most this much memory. */
const MOST_BYTES = 96 * 2 ** 20;

/** Sheets of thumbnails on the graphics card: layers of an array texture, of which the last used ones are kept. */
export interface SheetTextures {
  /** Texture units: of the sheets, and of the table with each sheet's layer, or −1. */
  readonly units: { sheets: number; layers: number };
  /** The height of a layer in pixels. */
  readonly height: number;
  /** Says that these sheets are looked at, and returns those that are not here. */
  want(sheets: readonly number[]): number[];
  /** Puts a decoded sheet in the place of the one that was last looked at longest ago. */
  upload(sheet: number, pixels: Uint8Array): void;
}

/** Makes room for the sheets; undefined if one is too large for the graphics card. */
export function createSheetTextures(
  gl: WebGL2RenderingContext,
  layout: SheetLayout,
): SheetTextures | undefined {
  const { tile, columns, perSheet, width, files } = layout;
  const height = Math.ceil(perSheet / columns) * tile.height;
  if (Math.max(width, height, files.length) > gl.getParameter(gl.MAX_TEXTURE_SIZE)) return undefined;
  const room = Math.max(2, Math.floor(MOST_BYTES / (width * height * tile.channels)));
  const depth = Math.min(files.length, room, gl.getParameter(gl.MAX_ARRAY_TEXTURE_LAYERS));
  const [internal, format] = tile.channels === 3 ? [gl.RGB8, gl.RGB] : [gl.R8, gl.RED];
  const units = { sheets: 0, layers: 1 };
  const layerOf = new Int16Array(files.length).fill(-1);
  /** The sheets on the card, the one looked at last at the end. */
  const present = new Map<number, number>();

  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.activeTexture(gl.TEXTURE0 + units.layers);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texStorage2D(gl.TEXTURE_2D, 1, gl.R16I, files.length, 1);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST);
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST);
  const uploadTable = () => {
    gl.activeTexture(gl.TEXTURE0 + units.layers);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, files.length, 1, gl.RED_INTEGER, gl.SHORT, layerOf);
  };
  uploadTable();

  let allocated = false;
  const allocate = () => {
    if (allocated) return;
    allocated = true;
    const target = gl.TEXTURE_2D_ARRAY;
    gl.bindTexture(target, gl.createTexture());
    gl.texStorage3D(target, 1, internal, width, height, depth);
    gl.texParameteri(target, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(target, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(target, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(target, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  };

  return {
    units,
    height,
    want(sheets) {
      const kept = sheets.slice(0, depth);
      for (const sheet of kept) {
        const layer = present.get(sheet);
        if (layer === undefined) continue;
        present.delete(sheet);
        present.set(sheet, layer);
      }
      return kept.filter((sheet) => !present.has(sheet));
    },
    upload(sheet, pixels) {
      if (present.has(sheet)) return;
      const [oldest, freed] = [...present][0] ?? [-1, 0];
      const layer = present.size < depth ? present.size : freed;
      if (present.size >= depth) {
        present.delete(oldest);
        layerOf[oldest] = -1;
      }
      gl.activeTexture(gl.TEXTURE0 + units.sheets);
      allocate();
      const rows = pixels.length / (width * tile.channels);
      gl.texSubImage3D(gl.TEXTURE_2D_ARRAY, 0, 0, 0, layer, width, rows, 1, format, gl.UNSIGNED_BYTE, pixels);
      present.set(sheet, layer);
      layerOf[sheet] = layer;
      uploadTable();
    },
  };
}
