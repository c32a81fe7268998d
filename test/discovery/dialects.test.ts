import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dialect } from '../../src/discovery/dialects.ts';
import { containerOf, drawTargets, outcomeOf } from '../support/discovery-records.ts';

const grafana = (keys: Record<string, string>) =>
  Object.fromEntries(Object.entries(keys).map(([key, value]) => [`profiles.grafana.com/${key}`, value]));
const enabled = (...dialects: Dialect[]) => ({ dialects });
const containers = [containerOf('app', ['http 8080', 'metrics 9090'])];

test('a dialect is scraped when discovery.dialects names it', () => {
  const foreign = grafana({ 'memory.scrape': 'true', 'cpu.scrape': 'true', 'cpu.port': '9090', 'memory.port': '9090' });
  assert.deepEqual(drawTargets(outcomeOf({ foreign, containers, config: enabled('grafana') })), [
    'app 9090 active cpu,heap',
  ]);
  assert.match(drawTargets(outcomeOf({ foreign, containers, config: enabled('coroot') }))[0] ?? '', /candidate/);
});

test('grafana: port_name names a declared port, and a port beside it is the number that is asked', () => {
  const named = grafana({ 'cpu.scrape': 'true', 'cpu.port_name': 'metrics' });
  const both = { ...named, ...grafana({ 'cpu.port': '7777' }) };
  assert.deepEqual(drawTargets(outcomeOf({ foreign: named, containers, config: enabled('grafana') })), [
    'app 9090 active cpu',
  ]);
  assert.deepEqual(drawTargets(outcomeOf({ foreign: both, containers, config: enabled('grafana') })), [
    'app 7777 active cpu',
  ]);
});

test('grafana: a path is that of its kind, a port may differ by kind, and .scrape must be exactly true', () => {
  const foreign = grafana({
    'cpu.scrape': 'true',
    'cpu.port': '8080',
    'memory.scrape': 'true',
    'memory.port': '9090',
    'memory.path': '/x/pprof/heap',
    'mutex.scrape': 'TRUE',
    service_name: 'till',
  });
  const { targets } = outcomeOf({ foreign, containers, config: enabled('grafana') });
  const specs = targets[0]?.specs.map(({ kind, endpoint, path }) => `${kind} ${endpoint.port}${path}`);
  assert.deepEqual(specs, ['cpu 8080/debug/pprof/profile', 'heap 9090/x/pprof/heap']);
  assert.equal(targets[0]?.labels['service_name'], 'till');
});

test('pyroscope, profefe and coroot are read in their own keys', () => {
  const foreign = (keys: Record<string, string>, dialect: Dialect) =>
    drawTargets(outcomeOf({ foreign: keys, containers, config: enabled(dialect) }));
  const pyroscope = {
    'pyroscope.io/scrape': 'true',
    'pyroscope.io/port': '9090',
    'pyroscope.io/profile-mem-enabled': 'true',
  };
  assert.deepEqual(foreign(pyroscope, 'pyroscope'), ['app 9090 active heap']);
  assert.deepEqual(foreign({ 'profefe.com/enable': 'true', 'profefe.com/port': '7000' }, 'profefe'), [
    'app 7000 active cpu,heap,goroutine,block,mutex',
  ]);
  assert.deepEqual(foreign({ 'coroot.com/profile-scrape': 'true', 'coroot.com/profile-port': '7001' }, 'coroot'), [
    'app 7001 active cpu,heap,goroutine,block,mutex',
  ]);
});

test('own keys win within a level', () => {
  const foreign = grafana({ 'cpu.scrape': 'true', 'cpu.port': '9090' });
  const config = enabled('grafana');
  const own = outcomeOf({ foreign, containers, config, on: { pod: { port: '7777' } } });
  assert.deepEqual(drawTargets(own), ['app 7777 active cpu']);
  assert.deepEqual(outcomeOf({ foreign, containers, config, on: { pod: { scrape: 'false' } } }).targets, []);
});

test('a nearer level wins over a farther one: a dialect on the pod over our own key on the Namespace', () => {
  const foreign = grafana({ 'cpu.scrape': 'true', 'cpu.port': '9090' });
  const on = { namespace: { scrape: 'false', port: '7777' } };
  assert.deepEqual(drawTargets(outcomeOf({ foreign, containers, config: enabled('grafana'), on })), [
    'app 9090 active cpu',
  ]);
});
