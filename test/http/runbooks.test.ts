import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { injected } from '../support/http-fakes.ts';

const folder = new URL('../../docs/runbooks/', import.meta.url);

test('the page of each alert is served under its name', async (t) => {
  const { app } = await injected(t);
  for (const file of readdirSync(folder)) {
    const answer = await app.inject(`/runbooks/${file.replace('.md', '')}`);
    assert.equal(answer.statusCode, 200);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
    assert.equal(answer.payload, readFileSync(new URL(file, folder), 'utf8'));
  }
});

test('what is no alert has no page, and no path leads out of the folder', async (t) => {
  const { app } = await injected(t);
  for (const name of ['Nothing', '..%2F..%2Fpackage', '%2e%2e%2f%2e%2e%2fpackage.json', 'FlameherdNoTargets.md.md']) {
    const answer = await app.inject(`/runbooks/${name}`);
    assert.equal(answer.statusCode, 404, name);
    assert.match(answer.payload, /there is no page for|no such route/);
  }
});
