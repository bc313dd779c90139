import { expect, test } from 'vitest';
import { endpointKey } from '../../activities/endpoint-key.ts';

const keys = { 'api.example.org': 'secret', '127.0.0.1:8000': 'local', 'localhost:8000': 'local' };

test('a key goes to its host over https, and in clear text to this machine alone', () => {
  expect(endpointKey('https://api.example.org/v1/embeddings', keys)).toBe('secret');
  expect(endpointKey('http://127.0.0.1:8000/v1/embeddings', keys)).toBe('local');
  expect(endpointKey('http://localhost:8000/v1/embeddings', keys)).toBe('local');
  expect(endpointKey('http://other.example.org/', keys)).toBeUndefined();
  expect(endpointKey('https://api.example.org:444/', keys)).toBeUndefined();
  expect(() => endpointKey('http://api.example.org/v1/embeddings', keys)).toThrow('https only');
});
