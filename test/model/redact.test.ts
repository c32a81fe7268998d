import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { redact, redactAll } from '../../src/model/redact.ts';

const pictures: readonly (readonly [given: string, shown: string])[] = [
  ['GET http://ann:hunter2@10.0.0.7:6060/debug failed', 'GET http://***@10.0.0.7:6060/debug failed'],
  ['https://s3cr3t-token@git.example.com', 'https://***@git.example.com'],
  ['http://ann:a/b?c@host/x is no URL', 'http://***@host/x is no URL'],
  ['http://proxy:3128/a@b', 'http://proxy:3128/a@b'],
  ['file:///app/node_modules/x@1.0/y.js:3:9', 'file:///app/node_modules/x@1.0/y.js:3:9'],
  ['http://host/p?seconds=3&token=abc123&x=1', 'http://host/p?seconds=3&token=***&x=1'],
  ['401: Authorization: Bearer abc.def', '401: Authorization: ***'],
  ['sent authorization=Basic dTpw and no more', 'sent authorization=***'],
  ['{"Cookie":"session=1234"}', '{"Cookie":"***"}'],
  ['refused "Bearer 0123456789abcdef"', 'refused "Bearer ***"'],
  ['Basic dXNlcjpodW50ZXIy was refused', 'Basic *** was refused'],
  ['jwt eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2lnbmF0dXJl end', 'jwt *** end'],
  ['{"client-key-data":"QUJD","server":"https://k"}', '{"client-key-data":"***","server":"https://k"}'],
  ['    token: abcdef\n    server: k', '    token: ***\n    server: k'],
  ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', '-----BEGIN RSA PRIVATE KEY-----***'],
  // What only talks about secrets stays.
  ['auth.tokenFile /etc/t: ENOENT', 'auth.tokenFile /etc/t: ENOENT'],
  ['growth.webhook.authorizationFile: is of no use', 'growth.webhook.authorizationFile: is of no use'],
  ['a bearer token from tokenFile', 'a bearer token from tokenFile'],
  ['basic authentication is needed', 'basic authentication is needed'],
  ['token: unknown key, did you mean tokenFile?', 'token: unknown key, did you mean tokenFile?'],
  ['main.(*Cookie).Parse calls net/http.basicAuth', 'main.(*Cookie).Parse calls net/http.basicAuth'],
];
for (const [given, shown] of pictures) {
  test(`shown of ${JSON.stringify(given)} is ${JSON.stringify(shown)}`, () => assert.equal(redact(given), shown));
}

test('whatever the password of a URL is, it is not shown, and redacting twice is redacting once', () => {
  const password = fc.stringMatching(/^[A-Za-z][\w.~!$&*+;=%-]{5,40}$/);
  fc.assert(
    fc.property(password, fc.stringMatching(/^[a-z]{1,9}$/), (secret, user) => {
      const shown = redact(`fetch of https://${user}:${secret}@host.example/path failed`);
      assert.equal(shown, 'fetch of https://***@host.example/path failed');
      assert.equal(redact(shown), shown);
    }),
  );
});

test('texts that are made to be slow are not', () => {
  const parts = fc.constantFrom(
    '://',
    'Bearer ',
    '@',
    ':',
    'authorization: ',
    'eyJ',
    '-----BEGIN PRIVATE KEY-----',
    '"token":"',
    '\\',
    'a',
  );
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 12 }), (some) => {
      redact(some.join('').repeat(2000));
    }),
    { numRuns: 30 },
  );
});

test('values are hidden by their names and texts by their form, at any depth, and what was given stays as it is', () => {
  const given = {
    url: 'http://a:b@host',
    headers: { authorization: 'abc', 'set-cookie': 'x=1', host: 'h' },
    list: [{ password: 'p', passwordFile: '/etc/p' }, 3, null, undefined, true],
  };
  const copy = structuredClone(given);
  assert.deepEqual(redactAll(given), {
    url: 'http://***@host',
    headers: { authorization: '***', 'set-cookie': '***', host: 'h' },
    list: [{ password: '***', passwordFile: '/etc/p' }, 3, null, undefined, true],
  });
  assert.deepEqual(given, copy);
});
