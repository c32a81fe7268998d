import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meets, parseLabelRequirement } from '../../src/model/label-requirement.ts';

test('KEY=VALUE is read as Kubernetes writes labels', () => {
  assert.deepEqual(parseLabelRequirement('flameherd.dev/ephemeral=allowed'), {
    key: 'flameherd.dev/ephemeral',
    value: 'allowed',
  });
  assert.deepEqual(parseLabelRequirement('team=a_b.c-1'), { key: 'team', value: 'a_b.c-1' });
  const bad = [
    '',
    'key',
    'key=',
    '=value',
    'a=b=c',
    'a/b/c=d',
    '/a=b',
    'a b=c',
    'a=b c',
    'A.b/c=d',
    `${'k'.repeat(64)}=v`,
  ];
  assert.deepEqual(
    bad.filter((text) => parseLabelRequirement(text) !== undefined),
    [],
  );
});

test('only a label of its own with exactly that value meets it', () => {
  const wanted = { key: 'a', value: 'b' };
  assert.deepEqual(
    [{ a: 'b' }, { a: 'B' }, {}].map((labels) => meets(wanted, labels)),
    [true, false, false],
  );
  assert.equal(meets({ key: 'constructor', value: 'x' }, {}), false);
});
