import type { NamedFile } from './text-file.ts';

/** Whether what is dragged over the page are files. */
export const hasFiles = (transfer: DataTransfer | null): boolean =>
  transfer?.types.includes('Files') === true;

/** The files of a file input, those of a folder with their paths. */
export const listChosen = (files: FileList | null): NamedFile[] =>
  Array.from(files ?? [], (file) => ({ path: file.webkitRelativePath || file.name, blob: file }));

/** The files that were dropped, also those in dropped folders, in the order of their paths. */
export async function listDropped(transfer: DataTransfer): Promise<NamedFile[]> {
  // The items are gone once anything is awaited.
  const found = Array.from(transfer.items, (item) => {
    const entry = item.webkitGetAsEntry();
    if (entry) return walk(entry);
    const file = item.getAsFile();
    return file ? [{ path: file.name, blob: file }] : [];
  });
  return (await Promise.all(found)).flat().sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function walk(entry: FileSystemEntry): Promise<NamedFile[]> {
  if (entry instanceof FileSystemFileEntry) {
    const blob = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path: entry.fullPath.replace(/^\//, ''), blob }];
  }
  if (!(entry instanceof FileSystemDirectoryEntry)) return [];
  const reader = entry.createReader();
  const files: NamedFile[] = [];
  for (;;) {
    // A reader gives some entries at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return files;
    files.push(...(await Promise.all(some.map(walk))).flat());
  }
}
