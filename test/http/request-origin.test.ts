import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkHost, checkSameSite, hostName } from '../../src/http/request-origin.ts';

for (const [host, name] of [
  ['localhost:4280', 'localhost'],
  ['LOCALHOST', 'localhost'],
  ['localhost.', 'localhost'],
  ['127.0.0.1:80', '127.0.0.1'],
  ['[::1]:4280', '::1'],
  ['[::1]', '::1'],
  ['::1', '::1'],
  ['evil.example:4280', 'evil.example'],
  ['', ''],
] as const) {
  test(`the host of ${JSON.stringify(host)} is ${JSON.stringify(name)}`, () => assert.equal(hostName(host), name));
}

const allowed = {
  listenHost: '10.1.2.3',
  externalUrl: 'https://Profiles.example:8443/x',
  localAddress: '::ffff:10.9.9.9',
};

for (const host of ['localhost:1', '127.0.0.1', '[::1]:4280', '10.1.2.3:4280', 'profiles.example', '10.9.9.9:4280']) {
  test(`Host ${host} is this server`, () => checkHost(host, allowed));
}

for (const host of [
  'evil.example',
  'localhost.evil.example',
  'evil.example:127.0.0.1',
  '127.0.0.1.evil.example',
  '10.1.2.4',
  '',
  undefined,
]) {
  test(`Host ${JSON.stringify(host)} is not`, () => {
    assert.throws(() => checkHost(host, allowed), { code: 'wrong_host' });
  });
}

test('what is told of a wrong host names the allowed ones', () => {
  assert.throws(() => checkHost('evil.example', allowed), {
    message: 'Host: "evil.example" is not this server',
    hint: 'allowed are localhost, 127.0.0.1, [::1], 10.1.2.3, profiles.example; set http.externalUrl to the URL by which people reach this server',
  });
});

const external = 'https://profiles.example';
const host = 'localhost:4280';
for (const [what, headers] of [
  ['no browser', { site: undefined, origin: undefined }],
  ['a page of ours', { site: 'same-origin', origin: 'http://localhost:4280' }],
  ['typed by a person', { site: 'none', origin: undefined }],
  ['an old browser on our page', { site: undefined, origin: 'http://localhost:4280' }],
  ['an old browser behind a proxy', { site: undefined, origin: 'https://profiles.example' }],
] as const) {
  test(`may change things: ${what}`, () => checkSameSite({ ...headers, host }, external));
}

for (const [what, headers] of [
  ['a foreign page', { site: 'cross-site', origin: 'https://evil.example' }],
  ['a page of another port', { site: 'same-site', origin: 'http://localhost:3000' }],
  ['an old browser on a foreign page', { site: undefined, origin: 'https://evil.example' }],
  ['an old browser on another port', { site: undefined, origin: 'http://localhost:3000' }],
  ['a sandboxed frame', { site: undefined, origin: 'null' }],
  ['a lying origin', { site: 'cross-site', origin: 'http://localhost:4280' }],
] as const) {
  test(`may not change things: ${what}`, () => {
    assert.throws(() => checkSameSite({ ...headers, host }, external), { code: 'cross_site' });
  });
}
