import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createBrotliDecompress } from 'node:zlib';
import { type Browser, chromium } from 'playwright-core';

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const FLAGS = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--ignore-gpu-blocklist',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
];

/**
 * Launches a headless Chromium with WebGL2 in software: the one of `OFFMANIFOLD_CHROMIUM`, else the
 * system's, else the one packed in `@sparticuz/chromium`, which brings its own libraries and fonts. `flags` are added to
 * its command line.
 */
export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  const args = [...FLAGS, ...flags];
  const named = process.env.OFFMANIFOLD_CHROMIUM;
  if (named && !existsSync(named))
    throw new Error(`OFFMANIFOLD_CHROMIUM names ${named}, which does not exist`);
  const installed = named ?? SYSTEM.find((path) => existsSync(path));
  if (installed) return chromium.launch({ executablePath: installed, args });
  const folder = await unpackedChromium();
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    args: [...args, '--no-zygote', '--font-render-hinting=none'],
    env: {
      ...(process.env as Record<string, string>),
      LD_LIBRARY_PATH: [join(folder, 'al2023', 'lib'), process.env.LD_LIBRARY_PATH]
        .filter(Boolean)
        .join(delimiter),
      FONTCONFIG_PATH: join(folder, 'fonts'),
      FONTCONFIG_FILE: join(folder, 'fonts', 'fonts.conf'),
    },
  });
}

/** The folder of the unpacked `@sparticuz/chromium`, kept in the temporary folder from one run to the next. */
async function unpackedChromium(): Promise<string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('no Chromium found: install Chrome or set OFFMANIFOLD_CHROMIUM to the path of one');
  }
  const root = new URL('../../', import.meta.resolve('@sparticuz/chromium'));
  const { version } = JSON.parse(await readFile(new URL('package.json', root), 'utf8')) as {
    version: string;
  };
  const folder = join(tmpdir(), `offmanifold-chromium-${version}`);
  if (existsSync(folder)) return folder;
  const part = await mkdtemp(`${folder}-`);
  const packed = (name: string) => fileURLToPath(new URL(`bin/${name}`, root));
  try {
    await Promise.all([
      decompress(packed('chromium.br'), join(part, 'chromium')),
      untar(packed('swiftshader.tar.br'), part),
      untar(packed('al2023.tar.br'), join(part, 'al2023')),
      untar(packed('fonts.tar.br'), join(part, 'fonts')),
    ]);
    await chmod(join(part, 'chromium'), 0o755);
    await writeFile(
      join(part, 'fonts', 'fonts.conf'),
      `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${folder}/fonts</dir>` +
        '<dir>/usr/share/fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>',
    );
    await rename(part, folder).catch((error) => {
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return folder;
}

const decompress = (file: string, target: string) =>
  pipeline(createReadStream(file), createBrotliDecompress(), createWriteStream(target));

/** Unpacks a `.tar.br` into a folder, with the system's `tar`. */
async function untar(file: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const archive = join(folder, basename(file, '.br'));
  await decompress(file, archive);
  await promisify(execFile)('tar', ['-xf', archive, '-C', folder]);
  await rm(archive);
}
