/** Seconds as people read them: 0.25 s, 42 s, 3 min 05 s. */
export function formatDuration(seconds: number): string {
  if (seconds > 0 && seconds < 0.95) return `${Number(seconds.toPrecision(1))} s`;
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
}
