/**
 * Progress on standard error: on a terminal one line that is rewritten, elsewhere a plain line whenever
 * `landmark` says that something is complete, or ten seconds have gone by.
 */
export class Progress {
  readonly #stream: NodeJS.WriteStream;
  #last = 0;
  #open = false;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
  }

  /** A line of its own. */
  line(text: string): void {
    this.#close();
    this.#stream.write(`${text}\n`);
  }

  /** The current state of what is under way; `fraction` of it is done. */
  update(text: string, fraction: number, landmark = false): void {
    const now = performance.now();
    if (this.#stream.isTTY) {
      if (!landmark && now - this.#last < 100) return;
      const columns = this.#stream.columns || 80;
      this.#stream.write(`\r\x1b[2K${`${bar(fraction)} ${text}`.slice(0, columns - 1)}`);
      this.#open = true;
    } else {
      if (!landmark && now - this.#last < 10_000) return;
      this.#stream.write(`${text}\n`);
    }
    this.#last = now;
  }

  /** Ends the line that is rewritten, if there is one. */
  #close(): void {
    if (this.#open) this.#stream.write('\n');
    this.#open = false;
  }
}

const WIDTH = 20;

function bar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * WIDTH);
  return `[${'█'.repeat(full)}${'░'.repeat(WIDTH - full)}]`;
}

/** Seconds as people read them: 42 s, 3 min 05 s. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
