declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  /** Renders an OpenAPI description into an element. */
  export default function SwaggerUI(options: {
    spec: unknown;
    dom_id: string;
    tryItOutEnabled?: boolean;
  }): unknown;
}

declare module 'd3-contour' {
  /** Finds where a grid of values, row by row, is at least a value, as polygons in cells of the grid. */
  export function contours(): {
    size(size: [columns: number, rows: number]): ReturnType<typeof contours>;
    contour(
      values: readonly number[],
      value: number,
    ): { type: 'MultiPolygon'; coordinates: [number, number][][][]; value: number };
  };
}
