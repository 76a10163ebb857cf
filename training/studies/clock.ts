import type { Pace, Work } from './pace.ts';

export interface ClockOptions {
  /** Few samples and epochs, to check that everything works. */
  quick: boolean;
  /** Gets what is being done, the share of all studies that is done, and the estimated seconds left. */
  onProgress?: (what: string, share: number, left: number) => void;
  /** Called after each study. */
  onStudy?: (title: string, seconds: number) => void;
}

/** Something that takes time. */
export interface Task {
  readonly title: string;
  /** Roughly how many seconds it takes on the machine that a {@link Pace} of 1 is from. */
  readonly expected: number;
  /** What most of this time goes into. */
  readonly work: Work;
}

/** The share of a quick run in the expected time, roughly. */
const QUICK_RATE = 0.05;

/** The share of the whole that counts as done as expected before anything is. */
const PRIOR = 0.1;

/**
 * The seconds left, from those expected of what is done and of all. At first, the rest is taken to need the expected
 * time, then more and more as much as what has been done.
 */
export function estimateLeft(done: number, whole: number, elapsed: number): number {
  const prior = PRIOR * whole;
  return ((elapsed + prior) / (done + prior)) * (whole - done);
}

/** Times tasks and estimates the time left, at the pace of this machine. */
export class Clock {
  readonly seconds: Record<string, number> = {};
  readonly #options: ClockOptions;
  readonly #pace: Pace;
  readonly #whole: number;
  readonly #began = performance.now();
  #done = 0;

  constructor(tasks: readonly Task[], options: ClockOptions, pace: Pace) {
    this.#options = options;
    this.#pace = pace;
    this.#whole = tasks.reduce((sum, task) => sum + this.#expect(task), 0);
  }

  async time<T>(task: Task, work: (report: (what: string, share: number) => void) => Promise<T>): Promise<T> {
    const { title } = task;
    const expected = this.#expect(task);
    const began = performance.now();
    const report = (what: string, share: number) => {
      const done = this.#done + share * expected;
      const elapsed = (performance.now() - this.#began) / 1000;
      this.#options.onProgress?.(what, done / this.#whole, estimateLeft(done, this.#whole, elapsed));
    };
    report(title, 0);
    const result = await work(report);
    this.#done += expected;
    const seconds = (performance.now() - began) / 1000;
    this.seconds[title] = seconds;
    this.#options.onStudy?.(title, seconds);
    return result;
  }

  /** The seconds that a task should take here. */
  #expect({ expected, work }: Task): number {
    return expected * this.#pace[work] * (this.#options.quick ? QUICK_RATE : 1);
  }
}
