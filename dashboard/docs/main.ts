import 'swagger-ui-dist/swagger-ui.css';
import './docs.css';
import SwaggerUI from 'swagger-ui-dist/swagger-ui-es-bundle.js';
import { initialTheme } from '../common/theme.ts';
import { keepAccessible } from './accessibility.ts';

document.documentElement.classList.toggle('dark-mode', initialTheme() === 'dark');

const address = new URL('../api/openapi.json', document.baseURI);
try {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  keepAccessible(document.getElementById('api')!);
  SwaggerUI({ spec: await response.json(), dom_id: '#api', tryItOutEnabled: true });
} catch {
  const message = document.getElementById('message')!;
  message.textContent =
    'This copy of the site is served without the API, so there is no openapi.json to show.';
  message.hidden = false;
}
