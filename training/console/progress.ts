let quiet = false;

/** From now on only warnings are shown. */
export function beQuiet(): void {
  quiet = true;
}

/** Where a progress goes: standard error, or what a test reads. */
type Terminal = Pick<NodeJS.WriteStream, 'columns' | 'isTTY'> & { write(text: string): unknown };

/**
 * What a command says on standard error while it works. Progress is one line that is rewritten on a terminal;
 * elsewhere it is a plain line every ten seconds, and whenever `landmark` says that something is complete.
 */
export class Progress {
  readonly #stream: Terminal;
  #last = 0;
  #open = false;

  constructor(stream: Terminal = process.stderr) {
    this.#stream = stream;
  }

  /** Prints a line, except with `--quiet`. */
  line(text: string): void {
    if (!quiet) this.#write(text);
  }

  /** Prints a warning, even with `--quiet`. */
  warn(text: string): void {
    this.#write(`warning: ${text}`);
  }

  #write(text: string): void {
    this.#close();
    this.#stream.write(`${text}\n`);
  }

  /** The current state of the work, of which `fraction` is done. */
  update(text: string, fraction: number, landmark = false): void {
    if (quiet) return;
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
