import * as z from 'zod';
import type { Manifest } from '../../bundle/manifest.ts';
import type { Settings } from '../http/settings.ts';
import { withoutCategories } from '../model/redact.ts';
import { answerUnlessKnown, type TaggedJson, tagJson } from './etag.ts';
import {
  COMMON_PROBLEMS,
  type Description,
  GUARD_PROBLEMS,
  HEADERS,
  type Route,
  UNCHANGED,
} from './route.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** Describes the routes, and itself, in OpenAPI 3.1. The route is for one app: it keeps the document. */
export function openapi(routes: readonly Route[]): Route {
  // An app has one model and one set of settings, and Zod takes some time.
  let document: TaggedJson | undefined;
  const self: Route = {
    method: 'get',
    path: '/api/openapi.json',
    scope: 'score',
    async handle(c, model, settings) {
      const manifest = await model.manifest();
      c.set('facts', { model: manifest.model_id });
      const shown = settings.showData ? manifest : withoutCategories(manifest);
      document ??= await tagJson(await describe([...routes, self], shown, settings));
      return answerUnlessKnown(c, document);
    },
    describe: () => ({
      summary: 'This OpenAPI document',
      tags: ['description'],
      responses: {
        200: {
          description: 'OpenAPI 3.1.',
          headers: ['Cache-Control', 'ETag'],
          content: { 'application/json': { schema: { type: 'object' } } },
        },
        ...UNCHANGED,
        ...GUARD_PROBLEMS,
        ...COMMON_PROBLEMS,
      },
    }),
  };
  return self;
}

async function describe(routes: readonly Route[], manifest: Manifest, settings: Settings) {
  const schemas: Record<string, JsonSchema> = {};
  const paths: Record<string, object> = {};
  for (const { method, path, scope, describe } of routes) {
    const operation = describeOperation(path, await describe(manifest, settings), schemas);
    const security = scope && settings.keys.length > 0 ? [{ key: [] }] : [];
    paths[path] = { [method]: { ...operation, security } };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'offmanifold',
      version: 'v1',
      description: [
        `Scores samples for anomaly with the model \`${manifest.name}\`, an autoencoder trained on`,
        `${manifest.data.name}. Anomalies lie off the manifold.`,
        settings.keys.length > 0 ? 'Requests need an API key.' : 'No API key is needed.',
        settings.origins.includes('*') ? 'Pages of any origin may send requests.' : '',
        'Errors are RFC 9457 problem details, `application/problem+json`.',
      ].join(' '),
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas,
      headers: describeHeaders(),
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
    },
  };
}

/** An operation; schemas with an id go to `schemas`. */
function describeOperation(
  path: string,
  { summary, description, tags, query, body, responses }: Description,
  schemas: Record<string, JsonSchema>,
) {
  const content = (contents: Description['body']) =>
    Object.fromEntries(
      Object.entries(contents ?? {}).map(([type, { schema, ...rest }]) => [
        type,
        { schema: schema instanceof z.ZodType ? toJsonSchema(schema, schemas) : schema, ...rest },
      ]),
    );
  return {
    operationId: operationIdOf(path),
    summary,
    description,
    tags,
    parameters: query && Object.entries(query.shape).map(([name, schema]) => describeParameter(name, schema)),
    requestBody: body && { required: true, content: content(body) },
    responses: Object.fromEntries(
      Object.entries(responses).map(([status, { headers = [], content: contents, ...rest }]) => [
        status,
        {
          ...rest,
          headers: Object.fromEntries(
            [...headers, 'X-Request-Id'].map((name) => [name, { $ref: `#/components/headers/${name}` }]),
          ),
          ...(contents && { content: content(contents) }),
        },
      ]),
    ),
  };
}

const describeHeaders = () =>
  Object.fromEntries(
    Object.entries(HEADERS).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

/** The last part of a path names the operation: /api/v1/score is score. */
const operationIdOf = (path: string): string => path.split('/').at(-1)!.replace(/\..*/, '');

function describeParameter(name: string, parameter: z.core.$ZodType) {
  const { description, ...schema } = z.globalRegistry.get(parameter) ?? {};
  return { name, in: 'query', required: false, description, schema };
}

/** The JSON Schema of what is sent or answered; a reference for a schema with an id, which goes to `schemas`. */
function toJsonSchema(schema: z.ZodType, schemas: Record<string, JsonSchema>): JsonSchema {
  const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const { id } = schema.meta() ?? {};
  for (const [name, definition] of Object.entries($defs)) schemas[name] = moveReferences(definition);
  if (typeof id !== 'string') return moveReferences(own);
  // Zod may have put it among the definitions itself.
  if (!Object.hasOwn($defs, id)) schemas[id] = moveReferences(own);
  return { $ref: `#/components/schemas/${id}` };
}

/** Definitions are components of the document. Its schemas say nothing of their ids. */
function moveReferences(schema: unknown): JsonSchema {
  return JSON.parse(
    JSON.stringify(schema, (key, value) =>
      key === 'id' && typeof value === 'string' ? undefined : value,
    ).replaceAll('"#/$defs/', '"#/components/schemas/'),
  );
}
