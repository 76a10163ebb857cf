import { secureHeaders } from 'hono/secure-headers';

/** Sets the headers that keep browsers from misusing an answer of the API. */
export const protectAnswers = secureHeaders({
  contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
  permissionsPolicy: { camera: [], geolocation: [], microphone: [], payment: [], usb: [] },
  // Pages of other origins may call the API.
  crossOriginResourcePolicy: false,
  // Only the owner of a domain can say that all of it is served over HTTPS.
  strictTransportSecurity: false,
  xFrameOptions: 'DENY',
});
