import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One field of a protobuf message: a number as varint, bytes or text as they are. */
function field(number: number, value: number | bigint | string | Uint8Array): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint')
    return Buffer.concat([varint(number << 3), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

function varint(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let left = BigInt(value);
  while (left > 127n) {
    bytes.push(Number(left & 127n) | 128);
    left >>= 7n;
  }
  return Buffer.from([...bytes, Number(left)]);
}

const FLOAT = 1;
const INT64 = 7;
/** A ValueInfoProto with named dimensions, or fixed ones. */
const valueInfo = (name: string, type: number, dims: readonly (string | number)[]) => {
  const shape = dims.map((dim) => field(1, typeof dim === 'string' ? field(2, dim) : field(1, dim)));
  const tensor = Buffer.concat([field(1, type), field(2, Buffer.concat(shape))]);
  return Buffer.concat([field(1, name), field(2, field(1, tensor))]);
};

/** An ONNX model (ModelProto) of one layer that gives each token its row of `vectors`. */
function onnx(vectors: readonly (readonly number[])[], width: number): Buffer {
  const weights = Buffer.concat([
    ...[vectors.length, width].map((dim) => field(1, dim)),
    field(2, FLOAT),
    field(8, 'vectors'),
    field(9, new Uint8Array(Float32Array.from(vectors.flat()).buffer)),
  ]);
  const gather = Buffer.concat([
    ...['vectors', 'input_ids'].map((name) => field(1, name)),
    field(2, 'last_hidden_state'),
    field(4, 'Gather'),
  ]);
  const graph = Buffer.concat([
    field(1, gather),
    field(2, 'tiny'),
    field(5, weights),
    ...['input_ids', 'attention_mask'].map((name) => field(11, valueInfo(name, INT64, ['batch', 'sequence']))),
    field(12, valueInfo('last_hidden_state', FLOAT, ['batch', 'sequence', width])),
  ]);
  return Buffer.concat([field(1, 8), field(7, graph), field(8, field(2, 13))]);
}

/** Writes a model of the hub's layout that knows these words alone, each by its vector, and all others by zeros. */
export function writeTinyModel(folder: string, words: Readonly<Record<string, readonly number[]>>): void {
  const width = Object.values(words)[0]?.length ?? 0;
  const none = new Array<number>(width).fill(0);
  const special = ['[PAD]', '[UNK]'];
  const vocab = Object.fromEntries([...special, ...Object.keys(words)].map((word, id) => [word, id]));
  const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  const json = (name: string, value: unknown) => writeFileSync(join(folder, name), JSON.stringify(value));
  json('config.json', { model_type: 'bert', architectures: ['BertModel'], hidden_size: width });
  json('tokenizer_config.json', {
    ...{ tokenizer_class: 'PreTrainedTokenizerFast', model_max_length: 512 },
    ...{ pad_token: '[PAD]', unk_token: '[UNK]' },
  });
  json('tokenizer.json', {
    ...{ version: '1.0', truncation: null, padding: null, normalizer: null, post_processor: null, decoder: null },
    added_tokens: special.map((content, id) => ({ id, content, ...flags })),
    pre_tokenizer: { type: 'Whitespace' },
    model: { type: 'WordLevel', vocab, unk_token: '[UNK]' },
  });
  writeFileSync(join(folder, 'onnx', 'model.onnx'), onnx([none, none, ...Object.values(words)], width));
}
