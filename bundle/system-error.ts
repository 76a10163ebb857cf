import { dirname } from 'node:path';

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of its path is not a folder',
  EISDIR: 'it is a folder',
  EEXIST: 'it already exists',
  EFBIG: 'it exceeds the size limit for files',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'permission denied',
  ENOSPC: 'the disk is full',
};

/** Why a file or folder cannot be used: a system error in words. */
export function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === undefined ? message : (REASONS[code] ?? code);
}

/** Why a file cannot be written: of a file in no folder, it is the folder that does not exist. */
export const writingReason = (error: unknown, path: string): string =>
  (error as NodeJS.ErrnoException).code === 'ENOENT'
    ? `the folder ${dirname(path)} does not exist`
    : reason(error);
