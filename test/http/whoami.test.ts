import assert from 'node:assert/strict';
import { test } from 'node:test';
import { injected } from '../support/http-fakes.ts';

test('without authentication everybody may do everything but snap what nobody opted in', async (t) => {
  const { app } = await injected(t);
  assert.deepEqual((await app.inject('/api/v1/whoami')).json(), {
    name: null,
    isProven: false,
    namespaces: null,
    permissions: ['read', 'upload', 'snap', 'pause', 'reload', 'status'],
    in: null,
    hasSession: false,
  });
});
