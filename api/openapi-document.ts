import type { OpenAPIV3_1 } from 'openapi-types';
import { connect } from '../db/client.ts';
import { createApp } from './app.ts';
import type { WorkflowClientLike } from './workflow-door.ts';

/** The OpenAPI document, made from the routes alone: no server is connected to. */
export async function openApiDocument(): Promise<OpenAPIV3_1.Document> {
  const db = connect('postgres://nowhere.invalid/none');
  // Describing the routes calls none of them.
  const app = await createApp({ db, temporal: {} as WorkflowClientLike });
  try {
    await app.ready();
    return app.swagger() as OpenAPIV3_1.Document;
  } finally {
    await app.close();
    await db.end();
  }
}
