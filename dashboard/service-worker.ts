/** The parts of a service worker's scope that this one uses: TypeScript's library for them clashes with that for pages. */
interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchEvent extends ExtendableEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

interface Scope {
  readonly registration: { readonly scope: string };
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchEvent) => void): void;
}

/** What the dashboard is made of, and a hash of it: written by the build. */
declare const __ASSETS__: readonly string[];
declare const __VERSION__: string;

/*
 * Keeps the dashboard's own files, so that it opens without a connection. It answers for nothing else: the API's
 * answers are never kept, and the files of a bundle are kept by the worker that checks them (data/kept-files.ts).
 */
const scope = self as unknown as Scope;
const root = scope.registration.scope;
const ours = `offmanifold-app ${root} `;
const current = ours + __VERSION__;

/** Files whose names stay the same in the next deployment: fetched anew while there is a connection. */
const PAGES = ['./', './theme.js', './models.json'];

/** The list of models, which another deployment of the same dashboard may change. */
const MODELS = 'models.json';

scope.addEventListener('install', (event) => event.waitUntil(keepFiles()));
scope.addEventListener('activate', (event) => event.waitUntil(removeOlder()));
scope.addEventListener('fetch', (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== 'GET' || !address.href.startsWith(root)) return;
  const path = address.pathname.slice(new URL(root).pathname.length);
  if (path.startsWith('assets/')) event.respondWith(answerKept(request));
  else if (['', 'index.html', 'theme.js', MODELS].includes(path)) event.respondWith(answerNew(event, path));
});

async function keepFiles(): Promise<void> {
  const cache = await caches.open(current);
  await cache.addAll([...PAGES.map((page) => new Request(page, { cache: 'no-cache' })), ...__ASSETS__]);
  await scope.skipWaiting();
}

async function removeOlder(): Promise<void> {
  const names = await caches.keys();
  const older = names.filter((name) => name.startsWith(ours) && name !== current);
  await Promise.all(older.map((name) => caches.delete(name)));
  await scope.clients.claim();
}

/** A file whose name has a hash of its content. */
const answerKept = async (request: Request): Promise<Response> => (await find(request.url)) ?? fetch(request);

/** The newest page; the one that is kept if there is no connection. */
async function answerNew(event: FetchEvent, path: string): Promise<Response> {
  const { request } = event;
  try {
    const response = await fetch(request);
    // A copy, made now: the page reads the response as soon as it has it.
    if (path === MODELS) event.waitUntil(keepModels(request, response.clone()));
    return response;
  } catch (error) {
    const kept = await find(path === 'index.html' ? root : request.url);
    if (kept) return kept;
    throw error;
  }
}

async function keepModels(request: Request, response: Response): Promise<void> {
  // The next version may have removed it, while this one still answers.
  if (response.ok && (await caches.has(current)))
    await (await caches.open(current)).put(request.url, response);
}

const find = (address: string): Promise<Response | undefined> =>
  caches.match(address, { cacheName: current, ignoreSearch: true, ignoreVary: true });
