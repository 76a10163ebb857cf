import { untrack } from 'svelte';
import type { Places } from '../data/replay.ts';
import type { Sprites } from '../data/sprites.ts';
import { Camera, extentOf, type Place, toScreen, type View } from './camera.ts';
import { Picker } from './picker.ts';
import type { Capture } from './picture.ts';
import { marksAt, type Paint, type Renderer, ringRadius, zoomToThumbnails } from './renderer.ts';
import { createPixelRenderer } from './renderer-pixels.ts';
import { createWebglRenderer } from './renderer-webgl.ts';
import { sheetsOf } from './visible-sheets.ts';

/** What a map is drawn from. */
interface Source {
  points: { count: number; x: Float32Array; y: Float32Array };
  graphicsCard: boolean;
  sprites: Sprites | undefined;
}

interface Listeners {
  /** A frame has been drawn. */
  onframe: () => void;
  /** The map has come to rest. */
  onrest: () => void;
}

/** How long nothing moves until all of many points are drawn. */
const REST_MILLISECONDS = 250;
/** While a map of more points than these moves, it shows some of them. */
const MANY = 100_000;
/** How far from a point a click may be, in CSS pixels. */
const REACH = 9;

/** The drawing of a map on a canvas: when a frame is due, with which renderer, and what it shows. */
export class Drawing {
  readonly camera = $derived.by(() => new Camera(extentOf(this.#points.x, this.#points.y)));
  readonly #picker = $derived.by(() => new Picker(this.#points.x, this.#points.y));
  renderer = $state.raw<Renderer>();
  /** Whether the graphics card has dropped the map. */
  lost = $state(false);
  view = $state.raw<View>({ x: 0, y: 0, scale: 1 });
  size = $state.raw({ width: 1, height: 1 });
  /** Whether the points are drawn elsewhere than at their places. */
  moved = $state(false);
  /** Whether the map has a size. */
  measured = $state(false);
  /** The scale of the view of the whole map. */
  #home = $state(1);
  /** How much larger than the whole map the view is. */
  readonly zoom = $derived.by(() => this.view.scale / this.#home);
  /** The room for a point when the whole map is shown, in CSS pixels. */
  readonly #spacing = $derived(Math.sqrt((0.5 * this.size.width * this.size.height) / this.#points.count));
  readonly marks = $derived(marksAt(this.zoom, this.#spacing, this.renderer?.thumbnails ?? false));
  /** The radius of a ring around a point, in CSS pixels. */
  readonly ring = $derived(ringRadius(this.marks));
  /** Where a place of the map is on screen. A new function whenever the view moves, so that what is drawn with it follows. */
  readonly screen = $derived.by(() => {
    const [at, { width, height }] = [this.view, this.size];
    return (place: Place) => toScreen(place, at, width, height);
  });
  readonly #source: () => Source;
  readonly #shown: () => Uint8Array;
  readonly #listeners: Listeners;
  #canvas!: HTMLCanvasElement;
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  #scheduled = 0;
  #drawnAt = 0;
  #coarse = false;
  #fineTimer: ReturnType<typeof setTimeout> | undefined;
  /** Where to go as soon as the map has a size. */
  #pending: { place: Place; zoom: number } | undefined;

  /** `shown` has 1 for each point that may be picked. */
  constructor(source: () => Source, shown: () => Uint8Array, listeners: Listeners) {
    this.#source = source;
    this.#shown = shown;
    this.#listeners = listeners;
  }

  get #points() {
    return this.#source().points;
  }

  /** Draws on a canvas from now on. Returns a function that stops. */
  attach(canvas: HTMLCanvasElement): () => void {
    this.#canvas = canvas;
    const { points, sprites, graphicsCard } = this.#source();
    const scene = { x: points.x, y: points.y, sprites };
    const build = () => {
      const card = graphicsCard ? createWebglRenderer(canvas, scene) : undefined;
      this.renderer = card ?? createPixelRenderer(canvas, scene);
    };
    const onLost = (event: Event) => {
      event.preventDefault();
      this.lost = true;
    };
    const onRestored = () => {
      build();
      this.lost = false;
    };
    build();
    canvas.addEventListener('webglcontextlost', onLost);
    canvas.addEventListener('webglcontextrestored', onRestored);
    return () => {
      canvas.removeEventListener('webglcontextlost', onLost);
      canvas.removeEventListener('webglcontextrestored', onRestored);
      cancelAnimationFrame(this.#scheduled);
      this.#scheduled = 0;
      clearTimeout(this.#fineTimer);
    };
  }

  /** Follows the size of the element around the canvas. Returns a function that stops. */
  follow(host: HTMLElement): () => void {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      if (width > 0 && height > 0) this.#resize(width, height);
    });
    observer.observe(host);
    return () => observer.disconnect();
  }

  #resize(width: number, height: number): void {
    const ratio = Math.min(devicePixelRatio, 3);
    this.#canvas.width = Math.round(width * ratio);
    this.#canvas.height = Math.round(height * ratio);
    this.size = { width, height };
    this.camera.resize(width, height, Math.min(28, 0.05 * width));
    this.#home = this.camera.home.scale;
    this.measured = true;
    if (this.#pending) this.#zoomTo(this.#pending.place, this.#pending.zoom);
    this.#pending = undefined;
    this.redraw();
  }

  /** Paints the points in other colours. */
  paint(paint: Paint): void {
    if (this.lost) return;
    this.renderer?.paint(paint);
    this.redrawMoving();
  }

  /** Draws the points at other places, or at their own: elsewhere, nothing is said of them. */
  move(places: Places | undefined): void {
    const { renderer, lost } = this;
    if (lost || (!places && !untrack(() => this.moved))) return;
    this.moved = places !== undefined;
    const { x, y } = places ?? this.#points;
    renderer?.move(x, y);
    this.redrawMoving();
  }

  /** Draws a frame soon. */
  redraw(): void {
    this.#scheduled ||= requestAnimationFrame((now) => this.#draw(now));
  }

  /** The same while the map changes again and again: of many points, some, until it has rested for a moment. */
  redrawMoving(): void {
    this.#coarse = this.#points.count > MANY;
    this.redraw();
  }

  #draw(now: number): void {
    this.#scheduled = 0;
    if (!this.renderer || this.lost || !this.measured) return;
    let moving = false;
    if (this.#still.matches) this.camera.settle();
    else moving = this.camera.step(Math.min(now - this.#drawnAt, 34));
    this.#drawnAt = now;
    this.view = this.camera.view;
    this.renderer.draw(this.camera, this.marks, this.#canvas.width / this.size.width, this.#coarse);
    clearTimeout(this.#fineTimer);
    if (this.#coarse) this.#fineTimer = setTimeout(() => this.#drawAll(), REST_MILLISECONDS);
    this.#listeners.onframe();
    if (moving) this.redraw();
    else {
      this.#loadSheets();
      this.#listeners.onrest();
    }
  }

  /** Draws all points, in steps where they take long: the next frame stops them. */
  #drawAll(): void {
    this.#coarse = false;
    const ratio = this.#canvas.width / this.size.width;
    const steps =
      this.marks.thumbnails > 0 ? undefined : this.renderer?.drawInSteps?.(this.camera, this.marks, ratio);
    if (!steps) {
      this.redraw();
      return;
    }
    const step = () => {
      if (!steps.next().done) this.#fineTimer = setTimeout(step);
    };
    step();
  }

  /** Loads the thumbnails of the points on screen; until they are here, the map shows dots. */
  #loadSheets(): void {
    const { sprites } = this.#source();
    const target = this.renderer;
    if (!target || !sprites || this.moved || this.marks.thumbnails === 0) return;
    const onScreen = this.#picker.within(this.camera.visible(this.marks.tile));
    for (const sheet of target.want(sheetsOf(sprites, onScreen, this.#shown()))) {
      sprites.sheet(sheet).then(
        (pixels) => {
          if (target !== this.renderer || this.lost) return;
          target.upload(sheet, pixels);
          this.redraw();
        },
        // The points stay dots. A tile that cannot be shown says why.
        () => {},
      );
    }
  }

  /** The point at a place on screen. */
  pick(at: Place): number | undefined {
    if (this.moved) return undefined;
    const { x, y } = this.camera.toMap(at);
    return this.#picker.nearest(x, y, Math.max(REACH, this.ring) / this.camera.view.scale, this.#shown());
  }

  /** The map as it is on screen, to make a picture of. Colours are those of the element around the canvas. */
  capture({ backgroundColor: ground, color: ink }: CSSStyleDeclaration): Capture {
    this.renderer!.draw(this.camera, this.marks, this.#canvas.width / this.size.width);
    const copy = new OffscreenCanvas(this.#canvas.width, this.#canvas.height);
    copy.getContext('2d')!.drawImage(this.#canvas, 0, 0);
    return { canvas: copy, view: this.camera.view, size: this.size, dot: this.marks.dot, ground, ink };
  }

  /** Centres a place and zooms in to at least `zoom` times the view of the whole map, as soon as the map has a size. */
  goTo(place: Place, zoom: number): void {
    if (!this.measured) {
      this.#pending = { place, zoom };
      return;
    }
    this.#zoomTo(place, zoom);
    this.redraw();
  }

  /** Goes so near that thumbnails, if there are any, can be recognised. */
  #zoomTo(place: Place, zoom: number): void {
    const near = this.renderer?.thumbnails ? Math.max(zoom, zoomToThumbnails(this.#spacing)) : zoom;
    this.camera.goTo(place, near);
  }

  zoomBy(factor: number): void {
    this.camera.zoomBy(factor);
    this.redraw();
  }

  /** Shows the whole map. */
  reset(): void {
    this.camera.reset();
    this.redraw();
  }
}
