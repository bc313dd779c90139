/** A type as `[ID!]!` or `String` is written. */
type Type = { readonly list?: Type; readonly name: string; readonly required: boolean };

interface Field {
  readonly type: Type;
  readonly args: ReadonlyMap<string, Type>;
}

interface Schema {
  /** Output types, by name their fields. */
  readonly objects: Map<string, Map<string, Field>>;
  readonly inputs: Map<string, Map<string, Type>>;
  readonly enums: Map<string, string[]>;
}

type Value =
  | { readonly variable: string }
  | { readonly literal: unknown }
  | { readonly members: Map<string, Value> }
  | { readonly items: Value[] };

/** A GraphQL document that does not fit the schema. */
class Misfit extends Error {}

const SCALARS: Readonly<Record<string, (value: unknown) => boolean>> = {
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string' || Number.isInteger(value),
  Boolean: (value) => typeof value === 'boolean',
  Int: (value) => Number.isInteger(value),
  Float: (value) => typeof value === 'number',
  PageSize: (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= 100,
  UInt64: (value) => typeof value === 'string' && /^\d+$/.test(value),
  DateTime: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value),
  Json: () => true,
  Upload: (value) => value === null,
};

/** Cuts a document into names, marks and literals; commas mean nothing. */
class Tokens {
  readonly #list: string[];
  #at = 0;
  constructor(text: string) {
    this.#list = text.match(/"[^"]*"|\$?[A-Za-z_]\w*|-?\d+(?:\.\d+)?|[^\s,]/g) ?? [];
  }
  get next(): string {
    return this.#list[this.#at] ?? '';
  }
  take(wanted?: string): string {
    const token = this.next;
    if (token === '' || (wanted !== undefined && token !== wanted)) {
      throw new Misfit(`Syntax Error: Expected ${wanted ?? 'more'}, found ${token === '' ? '<EOF>' : token}.`);
    }
    this.#at++;
    return token;
  }
  /** All between two marks, if they are there. */
  between(open: string, close: string, each: () => void): void {
    if (this.next !== open) return;
    this.take(open);
    while (this.next !== close) each();
    this.take(close);
  }
}

function typeIn(tokens: Tokens): Type {
  let list: Type | undefined;
  let name = tokens.take();
  if (name === '[') {
    list = typeIn(tokens);
    tokens.take(']');
    name = '';
  }
  const required = tokens.next === '!';
  if (required) tokens.take('!');
  return list ? { list, name, required } : { name, required };
}

function namedTypes(tokens: Tokens, open: string, close: string, prefix = ''): Map<string, Type> {
  const found = new Map<string, Type>();
  tokens.between(open, close, () => {
    const name = tokens.take().slice(prefix.length);
    tokens.take(':');
    found.set(name, typeIn(tokens));
  });
  return found;
}

function schemaFrom(text: string): Schema {
  const schema: Schema = { objects: new Map(), inputs: new Map(), enums: new Map() };
  const tokens = new Tokens(text);
  while (tokens.next !== '') {
    const kind = tokens.take();
    const name = tokens.take();
    if (kind === 'input') schema.inputs.set(name, namedTypes(tokens, '{', '}'));
    else if (kind === 'enum') {
      const values: string[] = [];
      tokens.between('{', '}', () => void values.push(tokens.take()));
      schema.enums.set(name, values);
    } else {
      const fields = new Map<string, Field>();
      tokens.between('{', '}', () => {
        const field = tokens.take();
        const args = namedTypes(tokens, '(', ')');
        tokens.take(':');
        fields.set(field, { args, type: typeIn(tokens) });
      });
      schema.objects.set(name, fields);
    }
  }
  return schema;
}

const written = (type: Type): string =>
  `${type.list ? `[${written(type.list)}]` : type.name}${type.required ? '!' : ''}`;
const nameOf = (type: Type): string => (type.list ? nameOf(type.list) : type.name);
/** Whether a variable of this type may stand where that type is wanted. */
const fits = (given: Type, wanted: Type): boolean =>
  (given.required || !wanted.required) &&
  (wanted.list ? given.list !== undefined && fits(given.list, wanted.list) : given.name === wanted.name);

/** Says what a server with this schema would refuse about a document and its variables; undefined where it is well. */
export function createChecker(sdl: string) {
  const schema = schemaFrom(sdl);

  function checkValue(value: unknown, type: Type, place: string): void {
    if (value === undefined || value === null) {
      if (type.required && type.name !== 'Upload') throw new Misfit(`${place} of type "${written(type)}" is required.`);
      return;
    }
    if (type.list) {
      if (!Array.isArray(value)) throw new Misfit(`${place} is no list.`);
      for (const each of value) checkValue(each, type.list, place);
      return;
    }
    const input = schema.inputs.get(type.name);
    if (input) {
      checkMembers(value as Record<string, unknown>, input, place);
      return;
    }
    const good = schema.enums.get(type.name)?.includes(value as string) ?? SCALARS[type.name]?.(value);
    if (good === undefined) throw new Misfit(`Unknown type "${type.name}".`);
    if (!good) throw new Misfit(`${place} got ${JSON.stringify(value)}, which is no ${type.name}.`);
  }

  function checkMembers(value: Record<string, unknown>, input: ReadonlyMap<string, Type>, place: string): void {
    if (typeof value !== 'object' || Array.isArray(value)) throw new Misfit(`${place} is no object.`);
    for (const name of Object.keys(value)) {
      if (!input.has(name)) throw new Misfit(`Field "${name}" is not defined by the type of ${place}.`);
    }
    for (const [name, type] of input) checkValue(value[name], type, `${place}.${name}`);
  }

  function valueIn(tokens: Tokens): Value {
    const token = tokens.take();
    if (token === '{') {
      const members = new Map<string, Value>();
      while (tokens.next !== '}') {
        const name = tokens.take();
        tokens.take(':');
        members.set(name, valueIn(tokens));
      }
      tokens.take('}');
      return { members };
    }
    if (token === '[') {
      const items: Value[] = [];
      while (tokens.next !== ']') items.push(valueIn(tokens));
      tokens.take(']');
      return { items };
    }
    if (token.startsWith('$')) return { variable: token.slice(1) };
    return { literal: /^["\d-]|^(true|false|null)$/.test(token) ? JSON.parse(token) : token };
  }

  function checkUse(value: Value, type: Type, declared: ReadonlyMap<string, Type>, used: Set<string>): void {
    if ('literal' in value) {
      checkValue(value.literal, type, 'An argument');
      return;
    }
    if ('items' in value) {
      for (const item of value.items) checkUse(item, type.list ?? type, declared, used);
      return;
    }
    if ('members' in value) {
      const input = schema.inputs.get(type.name);
      for (const [name, each] of value.members) {
        const member = input?.get(name);
        if (!member) throw new Misfit(`Field "${name}" is not defined by type "${type.name}".`);
        checkUse(each, member, declared, used);
      }
      return;
    }
    const given = declared.get(value.variable);
    if (!given) throw new Misfit(`Variable "$${value.variable}" is not defined.`);
    used.add(value.variable);
    if (fits(given, type)) return;
    throw new Misfit(`Variable "$${value.variable}" of type "${written(given)}" stands for "${written(type)}".`);
  }

  function checkFields(tokens: Tokens, owner: string, declared: ReadonlyMap<string, Type>, used: Set<string>): void {
    const fields = schema.objects.get(owner);
    if (!fields) throw new Misfit(`"${owner}" has no fields.`);
    tokens.between('{', '}', () => {
      const name = tokens.take();
      const field = fields.get(name);
      if (!field) throw new Misfit(`Cannot query field "${name}" on type "${owner}".`);
      const given = new Set<string>();
      tokens.between('(', ')', () => {
        const arg = tokens.take();
        tokens.take(':');
        const type = field.args.get(arg);
        if (!type) throw new Misfit(`Unknown argument "${arg}" on field "${name}".`);
        given.add(arg);
        checkUse(valueIn(tokens), type, declared, used);
      });
      for (const [arg, { required }] of field.args) {
        if (required && !given.has(arg)) throw new Misfit(`Argument "${arg}" of field "${name}" is required.`);
      }
      if (tokens.next === '{') checkFields(tokens, nameOf(field.type), declared, used);
      else if (schema.objects.has(nameOf(field.type))) throw new Misfit(`Field "${name}" must have a selection.`);
    });
  }

  return (query: string, variables: Readonly<Record<string, unknown>>): string | undefined => {
    try {
      const tokens = new Tokens(query);
      const root = tokens.take() === 'mutation' ? 'Mutation' : 'Query';
      if (tokens.next !== '{' && tokens.next !== '(') tokens.take();
      const declared = namedTypes(tokens, '(', ')', '$');
      const used = new Set<string>();
      checkFields(tokens, root, declared, used);
      for (const [name, type] of declared) {
        if (!used.has(name)) throw new Misfit(`Variable "$${name}" is never used.`);
        checkValue(variables[name], type, `Variable "$${name}"`);
      }
      return undefined;
    } catch (error) {
      if (error instanceof Misfit) return error.message;
      throw error;
    }
  };
}
