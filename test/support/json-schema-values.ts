import fc from 'fast-check';

/** The parts of JSON Schema that our documents use. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly propertyNames?: JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
}

const MANY = 4;
const LONG = 40;

const FORMATS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  uuid: fc.uuid(),
  email: fc.emailAddress(),
  uri: fc.webUrl(),
  'date-time': fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
    .map((at) => at.toISOString()),
};

/** Values that a schema describes; what it leaves open is drawn freely. `own` are tried first, by the name of the property. */
export function valuesOf(
  schema: JsonSchema,
  own: (name: string) => fc.Arbitrary<unknown> | undefined,
): fc.Arbitrary<unknown> {
  const of = (each: JsonSchema) => valuesOf(each, own);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return fc.oneof(...either.map(of));
  if (schema.allOf) return fc.tuple(...schema.allOf.map(of)).map((parts) => Object.assign({}, ...parts) as unknown);
  const { type } = schema;
  if (Array.isArray(type)) return fc.oneof(...(type as string[]).map((each) => of({ ...schema, type: each })));
  switch (type) {
    case 'null':
      return fc.constant(null);
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return numbersOf(schema);
    case 'string':
      return textsOf(schema);
    case 'array':
      return fc.array(of(schema.items ?? {}), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? MANY, MANY)),
      });
    case 'object':
      return objectsOf(schema, own);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function numbersOf({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): fc.Arbitrary<number> {
  const least = minimum ?? exclusiveMinimum ?? -1e6;
  const most = maximum ?? exclusiveMaximum ?? Math.max(1e6, least);
  if (type === 'integer') {
    const [min, max] = [Math.max(Math.ceil(least), -(2 ** 53) + 1), Math.min(Math.floor(most), 2 ** 53 - 1)];
    return fc.integer({
      min: exclusiveMinimum === undefined ? min : min + 1,
      max: exclusiveMaximum === undefined ? max : max - 1,
    });
  }
  return fc.double({
    ...{ min: least, max: most, noNaN: true },
    minExcluded: exclusiveMinimum !== undefined,
    maxExcluded: exclusiveMaximum !== undefined,
  });
}

function textsOf({ format, pattern, minLength = 0, maxLength = LONG }: JsonSchema): fc.Arbitrary<string> {
  if (format !== undefined && FORMATS[format]) return FORMATS[format];
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'));
  return fc.string({ unit: 'grapheme', minLength, maxLength: Math.max(minLength, Math.min(maxLength, LONG)) });
}

function objectsOf(
  schema: JsonSchema,
  own: (name: string) => fc.Arbitrary<unknown> | undefined,
): fc.Arbitrary<unknown> {
  const named = Object.entries(schema.properties ?? {}).map(
    ([name, each]) => [name, own(name) ?? valuesOf(each, own)] as const,
  );
  const record = fc.record(Object.fromEntries(named), { requiredKeys: [...(schema.required ?? [])] });
  const { additionalProperties: more, propertyNames } = schema;
  if (more === false || more === undefined) return record;
  const others = fc.dictionary(
    propertyNames ? valuesOf(propertyNames, own).map(String) : fc.string({ maxLength: 12 }),
    more === true ? fc.jsonValue({ maxDepth: 1 }) : valuesOf(more, own),
    { maxKeys: 3 },
  );
  return fc.tuple(others, record).map(([rest, known]) => ({ ...rest, ...known }));
}
