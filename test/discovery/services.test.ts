import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodService, PortRecord } from '../../src/kubernetes/records.ts';
import type { LabelSet } from '../../src/model/labels.ts';
import {
  containerOf,
  objectOf,
  ours,
  outcomeOf,
  type Situation,
  scrapedPorts,
  warningsOf,
} from '../support/discovery-records.ts';

/** A Service whose port 80 `web` goes to 8080 of its pods, and 81 `admin` to 6061. */
function serviceOf(name: string, keys: LabelSet): PodService {
  const port = (portName: string, number: number): PortRecord => ({ name: portName, number, protocol: 'TCP' });
  return {
    service: { ...objectOf(name, { annotations: ours(keys) }), ports: [port('web', 80), port('admin', 81)] },
    ports: [port('web', 8080), port('admin', 6061)],
  };
}

const containers = [containerOf('app', ['http 8080', 'metrics 9090'])];

test('a Service that says scrape=true opts in the pods behind it', () => {
  const services = [serviceOf('checkout', { scrape: 'true', port: '8080' })];
  const { optIn } = outcomeOf({ services, containers });
  assert.deepEqual(scrapedPorts({ services, containers }), ['app:8080']);
  assert.equal(optIn.kind === 'in' && optIn.annotation.level.object, 'Service checkout');
});

test('the workload is nearer than a Service, and a Service nearer than the Namespace', () => {
  const services = [serviceOf('checkout', { scrape: 'true', port: '8080', path: '/service/pprof' })];
  const pathOf = (on: Situation['on']) => outcomeOf({ on: on ?? {}, services, containers }).targets[0]?.specs[0]?.path;
  assert.equal(pathOf({ namespace: { path: '/namespace/pprof' } }), '/service/pprof/profile');
  assert.equal(pathOf({ workload: { path: '/workload/pprof' } }), '/workload/pprof/profile');
  assert.equal(pathOf({ workload: { scrape: 'false' } }), undefined);
});

test('of several Services one that says no wins, and is named', () => {
  const services = [
    serviceOf('a', { scrape: 'true' }),
    serviceOf('b', { scrape: 'no' }),
    serviceOf('c', { scrape: 'true' }),
  ];
  const { targets, optIn } = outcomeOf({ services, containers });
  assert.deepEqual(targets, []);
  assert.equal(optIn.kind === 'out' && optIn.annotation.level.object, 'Service b');
});

test('of several Services that say yes the first by name counts, with a warning', () => {
  const services = [
    serviceOf('a', { port: '9090' }),
    serviceOf('b', { scrape: 'true', port: '8080' }),
    serviceOf('c', { scrape: 'true', port: '7070' }),
  ];
  assert.deepEqual(scrapedPorts({ services, containers }), ['app:8080']);
  assert.deepEqual(warningsOf(outcomeOf({ services, containers })), [
    'Services a, b, c are annotated and select this pod: only b counts',
  ]);
});

for (const [port, asked] of [
  ['80', "a number that is only the Service's"],
  ['web', "a name that is only the Service's"],
] as const) {
  test(`${asked} is mapped to where its pods listen, with a warning`, () => {
    const services = [serviceOf('checkout', { scrape: 'true', port })];
    assert.deepEqual(scrapedPorts({ services, containers }), ['app:8080']);
    assert.deepEqual(warningsOf(outcomeOf({ services, containers })), [
      `flameherd.dev/port on Service checkout: ${port} is the Service's own port, its pods listen on 8080: used that`,
    ]);
  });
}

test('a port that a container declares is meant first, though the Service has it too', () => {
  const declared = [containerOf('app', ['web 9090', 'x 81'])];
  for (const [port, expected] of [
    ['web', 'app:9090'],
    ['81', 'app:81'],
  ] as const) {
    const services = [serviceOf('checkout', { scrape: 'true', port })];
    assert.deepEqual(scrapedPorts({ services, containers: declared }), [expected]);
    assert.deepEqual(warningsOf(outcomeOf({ services, containers: declared })), []);
  }
});

test('a number that nobody declares is a port of the pod', () => {
  const services = [serviceOf('checkout', { scrape: 'true', port: '6062' })];
  assert.deepEqual(scrapedPorts({ services, containers }), ['app:6062']);
});

test('a name that neither has does not resolve, and says what is declared', () => {
  const services = [serviceOf('checkout', { scrape: 'true', port: 'pprof' })];
  const [target] = outcomeOf({ services, containers }).targets;
  assert.equal(target?.state.kind, 'unresolved');
  assert.match(
    target?.state.kind === 'unresolved' ? target.state.reason : '',
    /on Service checkout: port "pprof" is no declared port name/,
  );
});

test("a workload's port is never taken for a Service's", () => {
  const services = [serviceOf('checkout', { scrape: 'true' })];
  assert.deepEqual(scrapedPorts({ services, containers, on: { workload: { port: '80' } } }), ['app:80']);
});

test('the port of one kind is mapped as well', () => {
  const services = [
    serviceOf('checkout', { scrape: 'true', port: '8080', 'heap.port': 'admin', profiles: 'cpu,heap' }),
  ];
  const specs = outcomeOf({ services, containers }).targets[0]?.specs ?? [];
  assert.deepEqual(
    specs.map(({ kind, endpoint }) => `${kind} ${endpoint.port}`),
    ['cpu 8080', 'heap 6061'],
  );
});
