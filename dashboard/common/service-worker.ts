/**
 * Lets the service worker keep the dashboard for when there is no connection. Fulfilled once it is there; never where the
 * browser has none, as on a page without https, or in development, whose files change.
 */
export async function startServiceWorker(): Promise<void> {
  const container = navigator.serviceWorker as ServiceWorkerContainer | undefined;
  if (import.meta.hot || !container) return new Promise(() => {});
  await container.register(new URL('./service-worker.js', document.baseURI));
  await container.ready;
}
