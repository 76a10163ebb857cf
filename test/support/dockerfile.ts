import { execFileSync } from 'node:child_process';
import { cp, mkdir, readFile, symlink } from 'node:fs/promises';
import { join, matchesGlob, relative } from 'node:path';
import { ROOT } from './paths.ts';

/** What is at the end of a Dockerfile. */
interface Image {
  readonly folder: string;
  readonly env: Record<string, string>;
  readonly user: string | undefined;
  /** The program that it runs, with its arguments. */
  readonly command: readonly string[];
  readonly health: readonly string[];
}

/**
 * Does the steps of the project's Dockerfile without Docker: in `parent`, each stage has a folder. They begin from the
 * project without the files of .dockerignore, and the model. The packages are linked instead of installed.
 */
export async function buildImage(parent: string, model: string): Promise<Image> {
  const context = join(parent, 'context');
  const ignored = await readLines('.dockerignore');
  const filter = (path: string) => {
    const name = relative(ROOT, path);
    return name !== 'models' && !ignored.some((pattern) => matchesGlob(name, pattern));
  };
  await cp(ROOT, context, { recursive: true, filter });
  await cp(model, join(context, 'models/mnist'), { recursive: true });

  const stages = new Map<string, string>();
  let image: Image = { folder: '', env: {}, user: undefined, command: [], health: [] };
  let entry: string[] = [];
  for (const line of await readLines('Dockerfile')) {
    const [, instruction, rest] = /^([A-Z]+) +(.*)$/.exec(line)!;
    const words = rest!.split(/ +/);
    const variables = () =>
      Object.fromEntries(
        words.map((word) => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]),
      );
    if (instruction === 'FROM') {
      const folder = join(parent, `stage-${stages.size}`);
      await mkdir(folder);
      stages.set(words[2] ?? 'last', folder);
      image = { folder, env: {}, user: undefined, command: [], health: [] };
    } else if (instruction === 'COPY') {
      const [, stage] = /^--from=(.*)/.exec(words[0]!) ?? [];
      const sources = words.slice(stage === undefined ? 0 : 1, -1);
      // The folder of a stage stands for its working directory.
      const from = stage === undefined ? context : stages.get(stage)!;
      for (const source of sources) {
        const path = join(from, stage === undefined ? source : source.replace('/project/', ''));
        const target = sources.length === 1 ? image.folder : join(image.folder, source);
        await cp(path, target, { recursive: true });
      }
    } else if (instruction === 'RUN' && words.slice(0, 2).join(' ') === 'npm ci') {
      await symlink(join(ROOT, 'node_modules'), join(image.folder, 'node_modules'));
    } else if (instruction === 'RUN') {
      const env = { ...process.env, ...image.env };
      execFileSync('sh', ['-c', rest!], { cwd: image.folder, env, stdio: 'pipe' });
    } else if (instruction === 'ARG' || instruction === 'ENV') {
      image = { ...image, env: { ...image.env, ...variables() } };
    } else if (instruction === 'USER') image = { ...image, user: rest };
    else if (instruction === 'ENTRYPOINT') entry = JSON.parse(rest!);
    else if (instruction === 'CMD') image = { ...image, command: [...entry, ...JSON.parse(rest!)] };
    else if (instruction === 'HEALTHCHECK')
      image = { ...image, health: JSON.parse(rest!.replace(/^.*?CMD /, '')) };
    else if (instruction !== 'WORKDIR' && instruction !== 'EXPOSE')
      throw new Error(`${instruction} is not known here`);
  }
  return image;
}

/** The lines of a file of the project that say something; one that ends in \ goes on in the next. */
async function readLines(file: string): Promise<string[]> {
  const text = (await readFile(join(ROOT, file), 'utf8')).replaceAll(/\\\n\s*/g, '');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
