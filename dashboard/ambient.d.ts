declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  /** Renders an OpenAPI description into an element. */
  export default function SwaggerUI(options: {
    spec: unknown;
    dom_id: string;
    tryItOutEnabled?: boolean;
  }): unknown;
}
