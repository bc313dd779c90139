import fastifySwagger from '@fastify/swagger';
import fastifySwaggerUi from '@fastify/swagger-ui';
import type { FastifyContextConfig } from 'fastify';
import { jsonSchemaTransform } from 'fastify-type-provider-zod';
import type { OpenAPIV3, OpenAPIV3_1 } from 'openapi-types';
import { z } from 'zod';
import type { App } from './context.ts';
import { honoursKeys } from './idempotency.ts';
import { ANSWERS } from './openapi-answers.ts';
import { EXAMPLES } from './openapi-examples.ts';
import { FIELD_WORDS } from './openapi-words.ts';
import { nameOfOne, PROBLEM_TYPE, problemSchema } from './problems.ts';

const description = `Labeling campaigns with durable tasks, exact redundancy and a budget that holds. Money is in dollars as
a decimal string (\`...Usd\`) beside integer micro-dollars (\`...Micros\`). Lists are paged by cursor. Most writes
accept an \`Idempotency-Key\` (where it is listed): the same key with the same request gets the first answer again. Errors are
problem documents (RFC 9457).`;

const IDEMPOTENCY_KEY = {
  type: 'string',
  description: 'Repeat the request with it when its answer was lost: the first answer comes again',
};

/** Describes the routes registered after it at /openapi.json, and shows them at /docs. */
export async function describeRoutes(app: App): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'Quorate', version: '1', description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key; the header x-api-key is taken too.' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'quorate.session_token',
            description: 'Of who signed in; over https its name begins with __Secure-',
          },
        },
        schemas: { Problem: withoutDialect(z.toJSONSchema(problemSchema)) },
      },
      security: [{ apiKey: [] }, { session: [] }],
    },
    transformObject: (made) => {
      if (!('openapiObject' in made)) return made.swaggerObject;
      return onlyAsJson(made.openapiObject);
    },
    transform: (route) => {
      const described = withWords(jsonSchemaTransform(route));
      // Pages and the documentation itself have no tag.
      if (!route.schema?.tags) return { ...described, schema: { ...described.schema, hide: true } };
      const config = (route.route.config ?? {}) as FastifyContextConfig;
      const open = config.access === 'anybody';
      const keyed = honoursKeys(String(route.route.method), config);
      const problem = {
        description: 'What went wrong',
        content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
      };
      const schema = described.schema as { response?: Record<string, unknown>; consumes?: string[]; body?: unknown };
      const { params } = described.schema as { params?: Field };
      if (params?.properties?.id) params.properties.id.description = `The ${nameOfOne(route.url)}'s id`;
      const rows = schema.consumes && !schema.body ? { description: 'The rows, read as a stream' } : undefined;
      const name = `${String(route.route.method)} ${route.url}`;
      const { body: sent, answers: written } = EXAMPLES[name] ?? {};
      const answers = { ...ANSWERS[name], ...written };
      const answered = Object.entries(schema.response ?? { 200: { description: 'The stream' } }).map(
        ([status, each]) => [status, withExample(each, answers[Number(status)])] as const,
      );
      const response = { ...Object.fromEntries(answered), '4XX': problem, '5XX': problem };
      const body = schema.body ?? rows;
      const asked = body === undefined ? {} : { body: withExample(body, sent) };
      const headers = keyed ? { headers: { type: 'object', properties: { 'idempotency-key': IDEMPOTENCY_KEY } } } : {};
      return { ...described, schema: { ...schema, ...headers, ...asked, response, ...(open ? { security: [] } : {}) } };
    },
  });

  await app.register(fastifySwaggerUi, {
    routePrefix: '/docs',
    staticCSP:
      "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; frame-ancestors 'none'",
  });

  app.get('/openapi.json', { schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json').send(app.swagger()),
  );
}

/** What is taken as lines or CSV, too, has an example of none but JSON: it is no text of the others. */
function onlyAsJson(document: Partial<OpenAPIV3.Document | OpenAPIV3_1.Document>) {
  for (const methods of Object.values(document.paths ?? {})) {
    for (const { requestBody } of Object.values(methods ?? {}) as { requestBody?: Body }[]) {
      for (const [type, content] of Object.entries(requestBody?.content ?? {})) {
        if (type === 'application/json' || content.schema === undefined) continue;
        const { examples: _, ...schema } = content.schema;
        content.schema = schema;
      }
    }
  }
  return document;
}

interface Body {
  readonly content?: Record<string, { schema?: { examples?: unknown } }>;
}

function withExample(schema: unknown, example: unknown): unknown {
  return example === undefined ? schema : { ...(schema as object), examples: [example] };
}

interface Field {
  description?: string;
  readonly properties?: Readonly<Record<string, Field>>;
}

/** Says what fields are by their names, where their schemas say nothing of it. */
function withWords<T>(part: T, parent = ''): T {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map((each) => withWords(each, parent)) as T;
  const fields = (properties: Readonly<Record<string, Field>>) =>
    Object.entries(properties).map(([name, field]) => {
      const description = field.description ?? FIELD_WORDS[`${parent}.${name}`] ?? FIELD_WORDS[name];
      return [name, { ...withWords(field, name), ...(description === undefined ? {} : { description }) }];
    });
  const entries = Object.entries(part).map(([key, value]) =>
    key === 'properties' ? [key, Object.fromEntries(fields(value))] : [key, withWords(value, parent)],
  );
  return Object.fromEntries(entries) as T;
}

function withoutDialect({ $schema: _, ...schema }: Record<string, unknown>): Record<string, unknown> {
  return schema;
}
