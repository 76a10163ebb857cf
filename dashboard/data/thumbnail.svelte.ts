import type { Sprites } from './sprites.ts';

/** A point's thumbnail, loaded when it is first looked at. */
export class Thumbnail {
  /** Row-major, one byte per channel; undefined until it is here, and for points without one. */
  pixels = $state.raw<Uint8Array>();
  /** Why it cannot be shown, in a sentence. */
  failure = $state('');

  /** Follows what the functions return. Call it while a component is set up. */
  constructor(sprites: () => Sprites | undefined, index: () => number) {
    $effect.pre(() => {
      const [source, point] = [sprites(), index()];
      this.failure = '';
      const present = source?.peek(point);
      this.pixels = present;
      if (!source || present) return;
      let current = true;
      source.load(point).then(
        (pixels) => {
          if (current) this.pixels = pixels;
        },
        (error: Error) => {
          if (current) this.failure = error.message;
        },
      );
      return () => {
        current = false;
      };
    });
  }
}
