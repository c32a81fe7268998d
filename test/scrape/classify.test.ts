import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classifyReply } from '../../src/scrape/classify.ts';
import type { FetchReply } from '../../src/scrape/transports/transport.ts';
import { bodyOf, statusOf } from '../support/scrape-targets.ts';

function told(reply: FetchReply, path = '/debug/pprof/heap'): string {
  const verdict = classifyReply(path, reply);
  return verdict.kind === 'profile' ? 'profile' : `${verdict.reason}: ${verdict.message}`;
}

function body(text: string, contentType = 'application/octet-stream'): FetchReply {
  return { kind: 'body', status: 200, contentType, bytes: new TextEncoder().encode(text) };
}

test('gzip and bare protobuf are profiles, whatever they are called', () => {
  assert.equal(told(bodyOf()), 'profile');
  assert.equal(told({ ...bodyOf(), contentType: 'text/html' } as FetchReply), 'profile');
  assert.equal(told(bodyOf(Uint8Array.of(0x0a, 4, 8, 1, 16, 2))), 'profile');
});

test("the sentences of Go's pprof server are understood", () => {
  assert.equal(
    told(statusOf(500, 'Could not enable CPU profiling: cpu profiling already in use')),
    'busy: 500 on /debug/pprof/heap: Could not enable CPU profiling: cpu profiling already in use',
  );
  assert.equal(
    told(statusOf(400, "profile duration exceeds server's WriteTimeout")),
    "write_timeout: 400 on /debug/pprof/heap: profile duration exceeds server's WriteTimeout",
  );
  assert.equal(told(statusOf(404, 'Unknown profile')), 'unsupported: 404 on /debug/pprof/heap: Unknown profile');
});

test('every other status says what came and what it means', () => {
  assert.equal(
    told(statusOf(302, '', 'http://169.254.169.254/')),
    'redirect: 302 on /debug/pprof/heap: redirect to http://169.254.169.254/ not followed',
  );
  assert.match(told(statusOf(401)), /^forbidden: 401 .* asks for credentials, which were not sent$/);
  assert.match(told(statusOf(403)), /^forbidden: 403/);
  assert.equal(told(statusOf(503, 'shutting down')), 'http_5xx: 503 on /debug/pprof/heap: shutting down');
  assert.equal(told(statusOf(429)), 'http_4xx: 429 on /debug/pprof/heap');
  assert.equal(told(statusOf(204)), 'http_other: 204 on /debug/pprof/heap: only 200 carries a profile');
});

test('a page, a legacy profile and nothing at all are no profiles', () => {
  assert.match(
    told(body('<!DOCTYPE html><html>login', 'text/html; charset=utf-8')),
    /^not_pprof: .*a page \(text\/html\)/,
  );
  assert.match(told(body('\n <html>')), /^not_pprof: .*a page/);
  assert.match(told(body('{"error":"x"}')), /^not_pprof/);
  assert.match(told(body('heap profile: 1: 2 [3: 4] @ heapprofile')), /^not_pprof: .*legacy text format/);
  assert.equal(told(body('')), 'not_pprof: 200 on /debug/pprof/heap with an empty body');
});
