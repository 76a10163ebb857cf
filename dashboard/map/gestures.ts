import type { Camera, Place } from './camera.ts';

/** What dragging does: it moves the map, or draws a box or a line around points. */
export type Tool = 'move' | 'box' | 'lasso';

export interface GestureHandlers {
  camera: Camera;
  /** The camera has a new goal: draw. */
  onMove: (keyboard: boolean) => void;
  onHover: (place: Place | undefined) => void;
  onClick: (place: Place, keyboard: boolean) => void;
  /** What dragging does at the moment. With the Shift key it draws a box, whatever this says. */
  tool?: () => Tool;
  /** A line or the diagonal of a box is being drawn, or is done; without places it is given up. */
  onDraw?: (places: Place[], tool: Tool, done: boolean) => void;
  /**
   * For a map inside a page that scrolls: the plain wheel and single-finger drags scroll the page, and zooming needs
   * Ctrl, ⌘ or a second finger. Called when a visitor tries without. Left out, the map handles all gestures.
   */
  onRefused?: ((how: 'wheel' | 'touch') => void) | undefined;
}

const CLICK_SLOP = 5;
const PAN_STEP = 60;
const ZOOM_STEP = 1.5;
/** The largest zoom by one turn of the wheel, as a logarithm: with Ctrl, a mouse's turn counts as a pinch. */
const WHEEL_STEP = 0.4;

/**
 * Lets a visitor pan and zoom a camera on an element: drag, wheel, pinch, arrow keys, + - 0. Places are CSS pixels
 * from the element's top left corner. Returns a function that detaches the listeners.
 */
export function attachGestures(element: HTMLElement, handlers: GestureHandlers): () => void {
  const { camera, onMove, onHover, onClick, onRefused, onDraw } = handlers;
  const fingers = new Map<number, Place>();
  let travelled = 0;
  /** What the drag that is under way does, and where it has been. */
  let tool: Tool = 'move';
  let drawn: Place[] = [];

  const giveUp = () => {
    if (tool !== 'move') onDraw?.([], tool, true);
    tool = 'move';
  };

  const placeOf = (event: MouseEvent): Place => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  const listeners: { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void } = {
    pointerdown(event) {
      if (event.button !== 0) return;
      if (fingers.size === 0) {
        travelled = 0;
        drawn = [placeOf(event)];
        tool = onDraw ? (event.shiftKey ? 'box' : (handlers.tool?.() ?? 'move')) : 'move';
      } else {
        travelled = Infinity;
        giveUp();
      }
      fingers.set(event.pointerId, placeOf(event));
      element.setPointerCapture(event.pointerId);
      element.focus({ preventScroll: true });
    },
    pointermove(event) {
      const before = fingers.get(event.pointerId);
      const place = placeOf(event);
      if (!before) {
        if (event.pointerType !== 'touch') onHover(place);
        return;
      }
      travelled += Math.hypot(place.x - before.x, place.y - before.y);
      const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
      fingers.set(event.pointerId, place);
      if (other) {
        const middle = (a: Place) => ({ x: (a.x + other.x) / 2, y: (a.y + other.y) / 2 });
        const apart = (a: Place) => Math.max(Math.hypot(a.x - other.x, a.y - other.y), 1);
        camera.panBy(middle(place).x - middle(before).x, middle(place).y - middle(before).y);
        camera.zoomBy(apart(place) / apart(before), middle(place));
        camera.settle();
      } else if (tool !== 'move') {
        onHover(undefined);
        drawn.push(place);
        onDraw?.(drawn, tool, false);
        return;
      } else if (travelled > CLICK_SLOP) {
        if (onRefused && event.pointerType === 'touch') return onRefused('touch');
        onHover(undefined);
        camera.panBy(place.x - before.x, place.y - before.y);
      }
      onMove(false);
    },
    pointerup(event) {
      if (!fingers.delete(event.pointerId)) return;
      if (travelled <= CLICK_SLOP) {
        giveUp();
        onClick(placeOf(event), false);
      } else if (tool !== 'move') {
        onDraw?.(drawn, tool, true);
        tool = 'move';
      }
    },
    pointercancel(event) {
      fingers.delete(event.pointerId);
      giveUp();
    },
    pointerleave() {
      if (fingers.size === 0) onHover(undefined);
    },
    touchmove(event) {
      if (event.touches.length > 1 && event.cancelable) event.preventDefault();
    },
    wheel(event) {
      if (onRefused && !event.ctrlKey && !event.metaKey) return onRefused('wheel');
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 18 : 1;
      const speed = event.ctrlKey ? 0.01 : 0.0022;
      const step = Math.min(Math.max(-speed * lines * event.deltaY, -WHEEL_STEP), WHEEL_STEP);
      camera.zoomBy(Math.exp(step), placeOf(event));
      onMove(false);
    },
    keydown(event) {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === 'Escape' && tool !== 'move') {
        event.stopImmediatePropagation();
        return giveUp();
      }
      const act = keys[event.key];
      if (!act) return;
      event.preventDefault();
      act();
      onMove(true);
    },
  };

  const keys: Record<string, () => void> = {
    ArrowLeft: () => camera.panBy(PAN_STEP, 0, true),
    ArrowRight: () => camera.panBy(-PAN_STEP, 0, true),
    ArrowUp: () => camera.panBy(0, PAN_STEP, true),
    ArrowDown: () => camera.panBy(0, -PAN_STEP, true),
    '+': () => camera.zoomBy(ZOOM_STEP),
    '=': () => camera.zoomBy(ZOOM_STEP),
    '-': () => camera.zoomBy(1 / ZOOM_STEP),
    '0': () => camera.reset(),
    Home: () => camera.reset(),
    Enter: () => onClick({ x: camera.width / 2, y: camera.height / 2 }, true),
  };

  const undo = new AbortController();
  for (const [name, listener] of Object.entries(listeners)) {
    element.addEventListener(name, listener as EventListener, { passive: false, signal: undo.signal });
  }
  return () => undo.abort();
}
