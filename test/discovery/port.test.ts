import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  containerOf,
  drawTargets,
  outcomeOf,
  type Situation,
  scrapedPorts,
  warningsOf,
} from '../support/discovery-records.ts';

const scrape = (port?: string) => ({ pod: { scrape: 'true', ...(port === undefined ? {} : { port }) } });
const app = (...ports: string[]) => containerOf('app', ports);
const sidecar = (...ports: string[]) => containerOf('istio-proxy', ports);

const chosen: [sentence: string, containers: Situation['containers'], port: string | undefined, expected: string[]][] =
  [
    ['a number that is declared', [app('http 8080', 'admin 9090')], '9090', ['app:9090']],
    ['a number need not be declared', [app('http 8080')], '7777', ['app:7777']],
    ['a name', [app('http 8080', 'admin 9090')], 'admin', ['app:9090']],
    ['several by comma', [app('http 8080', 'admin 9090')], '8080, admin', ['app:8080', 'app:9090']],
    ['the same port twice is one target', [app('http 8080')], '8080,http', ['app:8080']],
    ['a container and a number', [app('http 8080'), containerOf('worker')], 'worker:7070', ['worker:7070']],
    [
      'a container and a name',
      [app('http 8080'), containerOf('worker', ['http 8081'])],
      'worker:http',
      ['worker:8081'],
    ],
    [
      'two pprof servers in one pod',
      [app(), containerOf('worker')],
      'app:6060,worker:6061',
      ['app:6060', 'worker:6061'],
    ],
    ['a sidecar that is named', [app('http 8080'), sidecar('admin 15000')], 'istio-proxy:admin', ['istio-proxy:15000']],
    [
      'a number that only another container declares',
      [app('http 8080'), containerOf('worker', ['7070'])],
      '7070',
      ['worker:7070'],
    ],
    ['default: the port named pprof', [app('http 8080', '6060', 'pprof 7070')], undefined, ['app:7070']],
    ['default: the port named http-pprof', [app('6060', 'http-pprof 7070')], undefined, ['app:7070']],
    ['default: the port named debug', [app('6060', 'debug 7070')], undefined, ['app:7070']],
    [
      'default: pprof before http-pprof before debug',
      [app('debug 1', 'http-pprof 2', 'pprof 3')],
      undefined,
      ['app:3'],
    ],
    [
      'default: the named port of another container',
      [app('http 8080'), containerOf('worker', ['pprof 7070'])],
      undefined,
      ['worker:7070'],
    ],
    ['default: else 6060 if declared', [app('http 8080', '6060')], undefined, ['app:6060']],
    ['default: else the only declared TCP port', [app('http 8080', 'dns 53/UDP')], undefined, ['app:8080']],
    ['default: else 6060', [app()], undefined, ['app:6060']],
    ['default: a UDP port named pprof is no pprof port', [app('http 8080', 'pprof 6060/UDP')], undefined, ['app:8080']],
    [
      'default: ports of known sidecars do not count',
      [app('http 8080'), sidecar('debug 15000')],
      undefined,
      ['app:8080'],
    ],
    [
      'default: init containers do not count',
      [containerOf('init', ['pprof 1'], { role: 'init' }), app('http 8080')],
      undefined,
      ['app:8080'],
    ],
    [
      'default: native sidecars do not count',
      [containerOf('log', ['pprof 1'], { role: 'sidecar' }), app('http 8080')],
      undefined,
      ['app:8080'],
    ],
  ];

for (const [sentence, containers = [], port, expected] of chosen) {
  test(`port: ${sentence}`, () => {
    assert.deepEqual(scrapedPorts({ on: scrape(port), containers }), expected);
  });
}

const refused: [port: string, containers: Situation['containers'], reason: string][] = [
  ['nope', [app('http 8080')], 'port "nope" is no declared port name; declared are app: http (8080/TCP)'],
  ['6060abc', [app('http 8080')], 'port "6060abc" is no declared port name; declared are app: http (8080/TCP)'],
  ['0', [app('6060')], 'port "0" is no port number (1 to 65535); declared are app: 6060/TCP'],
  ['65536', [app('6060')], 'port "65536" is no port number (1 to 65535); declared are app: 6060/TCP'],
  ['-1', [app()], 'port "-1" is no port number (1 to 65535); declared are app: nothing'],
  ['', [app('6060')], 'port "" is no declared port name; declared are app: 6060/TCP'],
  ['dns', [app('dns 53/UDP')], 'port "dns" is a UDP port, and profiles come over TCP; declared are app: dns (53/UDP)'],
  ['worker:6060', [app(), sidecar()], 'no container "worker" can be scraped; the pod has app, istio-proxy'],
  [
    'init:6060',
    [app(), containerOf('init', [], { role: 'init' })],
    'no container "init" can be scraped; the pod has app',
  ],
  ['app:nope', [app('http 8080')], 'port "nope" is no declared port name; declared are app: http (8080/TCP)'],
];

for (const [port, containers = [], reason] of refused) {
  test(`a port that does not resolve makes the target down and says what is declared, never falls through: "${port}"`, () => {
    const [line, ...more] = drawTargets(outcomeOf({ on: scrape(port), containers }));
    assert.equal(line, `app - unresolved flameherd.dev/port="${port}" on pod checkout-5d4f-x2x: ${reason}`);
    assert.deepEqual(more, []);
  });
}

test('of several ports, one that does not resolve leaves the others alone', () => {
  const lines = drawTargets(outcomeOf({ on: scrape('8080,nope'), containers: [app('http 8080')] }));
  assert.deepEqual(
    lines.map((line) => line.split(' ').slice(0, 3).join(' ')),
    ['app 8080 active', 'app - unresolved'],
  );
});

test('a scheme that does not resolve makes the target down', () => {
  const lines = drawTargets(outcomeOf({ on: { pod: { scrape: 'true', scheme: 'ftp' } } }));
  assert.deepEqual(lines, [
    'app - unresolved flameherd.dev/scheme="ftp" on pod checkout-5d4f-x2x is neither http nor https',
  ]);
});

test('scheme: http by default, https where it is asked for', () => {
  const schemeOf = (scheme?: string) =>
    outcomeOf({ on: { pod: { scrape: 'true', ...(scheme ? { scheme } : {}) } } }).targets[0]?.specs[0]?.endpoint.scheme;
  assert.deepEqual([schemeOf(), schemeOf('http'), schemeOf('HTTPS')], ['http', 'http', 'https']);
});

test('a port name that two containers declare is taken from the first, with a warning', () => {
  const outcome = outcomeOf({
    on: scrape('http'),
    containers: [app('http 8080'), containerOf('worker', ['http 8081'])],
  });
  assert.deepEqual(drawTargets(outcome), ['app 8080 active cpu,heap,goroutine,block,mutex']);
  assert.deepEqual(warningsOf(outcome), [
    "port http is declared by app and worker: took app's; write app:http to say so",
  ]);
});

test('a port name that a UDP port and a TCP port have means the TCP port', () => {
  const containers = [containerOf('dns', ['dns 53/UDP']), containerOf('dns-tcp', ['dns 53'])];
  assert.deepEqual(scrapedPorts({ on: scrape('dns'), containers }), ['dns-tcp:53']);
});

test('the container of a port that nobody declares: kubectl.kubernetes.io/default-container, else the first of its own', () => {
  const containers = [sidecar(), containerOf('first'), containerOf('second')];
  const foreign = { 'kubectl.kubernetes.io/default-container': 'second' };
  assert.deepEqual(scrapedPorts({ on: scrape('7000'), containers }), ['first:7000']);
  assert.deepEqual(scrapedPorts({ on: scrape('7000'), containers, foreign }), ['second:7000']);
  assert.deepEqual(
    scrapedPorts({ on: scrape('7000'), containers, foreign: { 'kubectl.kubernetes.io/default-container': 'gone' } }),
    ['first:7000'],
  );
});

test('a default-container that is an init container is passed over', () => {
  const containers = [containerOf('init', [], { role: 'init' }), containerOf('first')];
  const foreign = { 'kubectl.kubernetes.io/default-container': 'init' };
  assert.deepEqual(scrapedPorts({ on: scrape('7000'), containers, foreign }), ['first:7000']);
});

test('a kind with a port of its own is scraped once, however many ports its container has', () => {
  const on = { pod: { scrape: 'true', port: '8080,9090', profiles: 'cpu,heap', 'heap.port': '7070' } };
  const drawn = outcomeOf({ on }).targets.map(({ specs }) =>
    specs.map(({ kind, endpoint }) => `${kind} ${endpoint.port}`).join(', '),
  );
  assert.deepEqual(drawn, ['cpu 8080, heap 7070', 'cpu 9090']);
});

test('the container that declares a port beats the default container', () => {
  const containers = [containerOf('first', ['7000']), containerOf('second')];
  const foreign = { 'kubectl.kubernetes.io/default-container': 'second' };
  assert.deepEqual(scrapedPorts({ on: scrape('7000'), containers, foreign }), ['first:7000']);
});

test('a container that waits is held with the reason, and one that never ran has no target', () => {
  const looping = containerOf('app', ['http 8080'], { running: false, waiting: 'CrashLoopBackOff', finishedMs: 5 });
  assert.deepEqual(drawTargets(outcomeOf({ on: scrape(), containers: [looping] })), [
    'app 8080 held container app waits: CrashLoopBackOff',
  ]);
  const creating = containerOf('app', [], { running: false, waiting: 'ContainerCreating', containerId: '' });
  assert.deepEqual(drawTargets(outcomeOf({ on: scrape(), containers: [creating] })), []);
});

test('more than eight ports are cut, with a warning', () => {
  const outcome = outcomeOf({ on: scrape('1,2,3,4,5,6,7,8,9') });
  assert.equal(outcome.targets.length, 8);
  assert.match(warningsOf(outcome)[0] ?? '', /names more than 8 ports: used the first 8/);
});

test('<kind>.port: a kind may have a port of its own in the container of its target', () => {
  const containers = [app('http 8080', 'debug-heap 9090'), containerOf('worker', ['other 7070'])];
  const portsOf = (value: string) => {
    const outcome = outcomeOf({
      on: { pod: { scrape: 'true', port: '8080', profiles: 'cpu,heap', 'heap.port': value } },
      containers,
    });
    const [target] = outcome.targets;
    return target?.state.kind === 'unresolved'
      ? target.state.reason
      : target?.specs.map(({ endpoint }) => endpoint.port);
  };
  assert.deepEqual(portsOf('9090'), [8080, 9090]);
  assert.deepEqual(portsOf('debug-heap'), [8080, 9090]);
  assert.match(String(portsOf('nope')), /no declared port name/);
  assert.match(String(portsOf('worker:other')), /in another container than app/);
});

test('an IPv6 pod is asked by its own address', () => {
  const { targets } = outcomeOf({ on: scrape(), pod: { ip: 'fd00::7', ips: ['fd00::7'] } });
  assert.equal(targets[0]?.specs[0]?.endpoint.host, 'fd00::7');
});
