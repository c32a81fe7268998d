import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseImageReference } from '../../src/model/image-reference.ts';

const hex = '0123456789abcdef'.repeat(4);

test('a reference is read into its parts', () => {
  assert.deepEqual(parseImageReference(`registry.example.com/tools/flameherd-sidecar:1.2@sha256:${hex}`), {
    registry: 'registry.example.com',
    repository: 'tools/flameherd-sidecar',
    tag: '1.2',
    digest: `sha256:${hex}`,
  });
  assert.deepEqual(parseImageReference('localhost/flameherd-sidecar:lab'), {
    registry: 'localhost',
    repository: 'flameherd-sidecar',
    tag: 'lab',
    digest: '',
  });
  for (const good of ['10.0.0.1:5000/a', '[::1]:5000/a__b/c--d.e', 'Registry.example.com/a', 'r.io/a:_x.y-Z']) {
    assert.equal(typeof parseImageReference(good), 'object', good);
  }
});

test('what is no plain reference to a named registry is refused with a sentence', () => {
  const bad = [
    '',
    'BAD//x',
    'alpine',
    'library/alpine',
    'registry.example.com',
    'registry.example.com/',
    'registry.example.com/A',
    'registry.example.com/a b',
    'registry.example.com/a/../b',
    'registry.example.com/-a',
    'registry.example.com/a___b',
    'registry.example.com/a:',
    'registry.example.com/a:b:c',
    `registry.example.com/a:${'x'.repeat(129)}`,
    'registry.example.com/a@',
    'registry.example.com/a@sha256:abc',
    `registry.example.com/a@sha256:${hex.toUpperCase()}`,
    `registry.example.com/a@md5:${hex}`,
    `registry.example.com/a@sha256:${hex}@sha256:${hex}`,
    'https://registry.example.com/a',
    'user@registry.example.com/a',
    '-registry.example.com/a',
    'registry.example.com:port/a',
    'registry.example.com/a\n',
    `registry.example.com/${'a/'.repeat(300)}a`,
  ];
  assert.deepEqual(
    bad.filter((text) => typeof parseImageReference(text) !== 'string'),
    [],
  );
});
