import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Target } from '../../src/model/target.ts';
import { pathProblem, safetyCheck } from '../../src/scrape/safety.ts';
import { targetOf } from '../support/scrape-targets.ts';

const rules = {
  apiServers: ['10.96.0.1', 'kube.example'],
  serviceRanges: ['10.96.0.0/12', 'fd00:10:96::/112'],
  allowHostNetwork: false,
};
const pod = targetOf('a', ['heap']);

function refusal(host: string, target: Target = pod, port = 6060): string | undefined {
  return safetyCheck(rules)(target, { scheme: 'http', host, port });
}

test("a pod's own address passes, in both families", () => {
  for (const host of ['10.1.0.7', '172.16.9.1', '100.64.0.9', 'fd00:10:1::7', '2001:db8::7'])
    assert.equal(refusal(host), undefined);
});

test('addresses that are never scraped are refused in every spelling', () => {
  const refused: Record<string, readonly string[]> = {
    'a loopback address': [
      '127.0.0.1',
      '127.9.9.9',
      '::1',
      '::ffff:127.0.0.1',
      '::ffff:7f00:1',
      '0:0:0:0:0:ffff:7f00:0001',
    ],
    'link-local': ['169.254.169.254', '::ffff:169.254.169.254', '::ffff:a9fe:a9fe', 'fe80::1', 'febf::1'],
    multicast: ['224.0.0.1', '239.1.2.3', 'ff02::1', '::ffff:224.0.0.1'],
    unspecified: ['0.0.0.0', '0.1.2.3', '::', '::ffff:0.0.0.0'],
    'the API server': ['10.96.0.1', '::ffff:10.96.0.1'],
    'a Service address': ['10.97.1.2', '10.111.255.255', 'fd00:10:96::5', '::ffff:10.100.0.1'],
    'an IPv4 address in IPv6 clothes': ['::127.0.0.1', '64:ff9b::7f00:1', '2002:7f00:1::1'],
    'a metadata service': ['fd00:ec2::254', '100.100.100.200', '168.63.129.16'],
  };
  for (const [what, hosts] of Object.entries(refused)) {
    for (const host of hosts) assert.equal(refusal(host), `address ${host} is ${what}, which is never scraped`);
  }
});

test('a host that is no plain IP literal is refused, so that no name is ever looked up', () => {
  for (const host of [
    'localhost',
    '2130706433',
    '0x7f.1',
    '127.1',
    'fe80::1%eth0',
    '10.1.0.7.',
    '10.1.0.7:80',
    'a@10.1.0.7',
    '',
    '[::1]',
  ]) {
    assert.match(refusal(host) ?? '', /is no IP address; pods are asked by their own address only/, host);
  }
});

test('a pod in the network of its node is refused unless that is allowed', () => {
  const target = { ...pod, hostNetwork: true };
  assert.match(refusal('10.1.0.7', target) ?? '', /hostNetwork.*discovery\.allowHostNetwork/);
  const allowed = safetyCheck({ ...rules, allowHostNetwork: true });
  assert.equal(allowed(target, { scheme: 'http', host: '10.1.0.7', port: 6060 }), undefined);
  assert.match(allowed(target, { scheme: 'http', host: '127.0.0.1', port: 6060 }) ?? '', /loopback/);
});

test('a static target is the choice of the operator and may be anywhere', () => {
  const target: Target = { ...pod, discoverer: 'static' };
  for (const host of ['127.0.0.1', 'localhost', '10.96.0.1']) assert.equal(refusal(host, target), undefined);
});

test('a port outside its range is refused by its number', () => {
  assert.equal(refusal('10.1.0.7', pod, 0), 'port 0 is not between 1 and 65535');
  assert.equal(refusal('10.1.0.7', pod, 65_536), 'port 65536 is not between 1 and 65535');
});

test('paths that would change host, leave the prefix or smuggle a request are refused', () => {
  const bad = [
    '',
    'debug',
    '//169.254.169.254/x',
    '/\\169.254.169.254',
    'http://x/',
    '@host',
    '/a/../../b',
    '/a/%2e%2E/b',
    '/a#b',
    '/a b',
    '/a\r\nHost: x',
    '/ünï',
    '/😀',
    `/${'x'.repeat(65_536)}`,
  ];
  for (const path of bad) assert.notEqual(pathProblem(path), undefined, path.slice(0, 40));
  for (const path of ['/debug/pprof/heap', '/debug/pprof/heap?gc=1', '/a..b/c?x=../y', '/a@b:80/'])
    assert.equal(pathProblem(path), undefined, path);
});

test('a path that passes never changes the host of a URL', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', maxLength: 30 }), (text) => {
      const path = `/${text}`;
      if (pathProblem(path) !== undefined) return;
      const url = new URL(path, 'http://10.1.0.7:6060');
      assert.equal(url.host, '10.1.0.7:6060');
      assert.equal(url.hash, '');
    }),
    { numRuns: 2000 },
  );
});
