const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is no folder',
  EISDIR: 'it is a folder',
  EEXIST: 'something else is there',
  EFBIG: 'it is larger than a file may be',
  EACCES: 'there is no permission for it',
  EPERM: 'there is no permission for it',
  EROFS: 'there is no permission for it',
  ENOSPC: 'the disk is full',
};

/** Why a file or folder could not be used, in words: what the system's error says. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : (REASONS[code] ?? code);
}
