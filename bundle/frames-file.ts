/** The file of a bundle with the frames of its map, if it has some. */
export const FRAMES_FILE = 'map-frames.bin';
