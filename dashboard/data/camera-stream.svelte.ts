import { Turns } from '../common/turns.ts';

/** What of a stream turns the camera off. */
interface Stoppable {
  getTracks(): readonly { stop(): void }[];
}

/** What a camera sees. It is off unless somebody owns its stream. */
export class CameraStream<S extends Stoppable = MediaStream> {
  readonly #turns = new Turns();
  #asking = false;
  #stream = $state.raw<S>();

  /** Undefined while the camera is off. */
  get stream(): S | undefined {
    return this.#stream;
  }

  /** Turns the camera on, for which `ask` asks the user. `fail` hears why it cannot be. Does nothing while the user is being asked. */
  start(ask: () => Promise<S>, fail: (error: Error) => void): void {
    if (this.#asking) return;
    this.stop();
    this.#asking = true;
    const isWanted = this.#turns.begin();
    ask().then(
      (stream) => {
        // The user may have left before the permission came.
        if (!isWanted()) return turnOff(stream);
        this.#asking = false;
        this.#stream = stream;
      },
      (error: Error) => {
        if (!isWanted()) return;
        this.#asking = false;
        fail(error);
      },
    );
  }

  /** Turns the camera off, also if the user has yet to permit it. */
  stop(): void {
    this.#turns.begin();
    this.#asking = false;
    turnOff(this.#stream);
    this.#stream = undefined;
  }
}

function turnOff(stream: Stoppable | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
