/** The TypeScript type of a JSON schema, as text. */
export function typeOf(schema: unknown): string;
/** The whole declaration file for an OpenAPI document. */
export function declarationsOf(document: { paths: Record<string, unknown> }): string;
export function writeApiTypes(): void;
