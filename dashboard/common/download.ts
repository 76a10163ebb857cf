/** Hands a file to the browser to save under a name. */
export function download(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has the file by the end of this turn of the event loop; a moment more does no harm.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
