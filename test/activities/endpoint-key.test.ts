import { expect, test } from 'vitest';
import { allowedEndpoint, EndpointRefused, endpointKey } from '../../activities/endpoint-key.ts';

const keys = { 'api.example.org': 'secret', '127.0.0.1:8000': 'local', 'localhost:8000': 'local' };

test('an endpoint is on an allowed host, and at or below its path where one is named', () => {
  const hosts = ['api.example.org/v1/embeddings', '127.0.0.1:8000', 'models.example.org/'];
  const asks = (url: string) => allowedEndpoint({ url }, { hosts, keys: {} }).url;
  for (const url of [
    'https://api.example.org/v1/embeddings',
    'https://api.example.org/v1/embeddings/?api-version=1',
    'http://127.0.0.1:8000/any',
    'https://models.example.org/any',
  ]) {
    expect(asks(url)).toBe(url);
  }
  for (const path of ['v1/embeddingsX', 'v1/files', 'v1/embeddings/../files', 'v1/embeddings/..%2Ffiles', '']) {
    expect(() => asks(`https://api.example.org/${path}`)).toThrow(EndpointRefused);
  }
  expect(() => asks('https://api.example.org:444/v1/embeddings')).toThrow('is not among QUORATE_MODEL_HOSTS');
});

test('a key goes to its host over https, and in clear text to this machine alone', () => {
  expect(endpointKey('https://api.example.org/v1/embeddings', keys)).toBe('secret');
  expect(endpointKey('http://127.0.0.1:8000/v1/embeddings', keys)).toBe('local');
  expect(endpointKey('http://localhost:8000/v1/embeddings', keys)).toBe('local');
  expect(endpointKey('http://other.example.org/', keys)).toBeUndefined();
  expect(endpointKey('https://api.example.org:444/', keys)).toBeUndefined();
  expect(() => endpointKey('http://api.example.org/v1/embeddings', keys)).toThrow('https only');
});
