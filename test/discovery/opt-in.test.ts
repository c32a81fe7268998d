import assert from 'node:assert/strict';
import { test } from 'node:test';
import { denyRule } from '../../src/discovery/rules.ts';
import { drawTargets, outcomeOf, type Situation, warningsOf } from '../support/discovery-records.ts';

const on = { workload: { scrape: 'true' } };

function isScraped(situation: Situation): boolean {
  return outcomeOf(situation).targets.some(({ state }) => state.kind === 'active');
}

function decisive(situation: Situation): string | undefined {
  const { targets, rules } = outcomeOf(situation);
  assert.deepEqual(targets, []);
  return rules.findLast(({ verdict }) => verdict === 'fail')?.detail;
}

test('a pod of the shape of pprof-example-app-go (Go, one port 8080 named http) works with scrape=true alone', () => {
  assert.deepEqual(drawTargets(outcomeOf({ on })), ['app 8080 active cpu,heap,goroutine,block,mutex']);
});

test('a pod that nobody opted in has no targets', () => {
  assert.deepEqual(outcomeOf({}).targets, []);
});

for (const level of ['pod', 'workload', 'namespace'] as const) {
  test(`flameherd.dev/scrape: "true" on the ${level} opts in`, () => {
    assert.ok(isScraped({ on: { [level]: { scrape: 'true' } } }));
  });
}

for (const value of ['true', '1', 'yes', 'on', 'TRUE', 'Yes', ' on ']) {
  test(`scrape takes true/1/yes/on in any case: ${JSON.stringify(value)}`, () => {
    assert.ok(isScraped({ on: { pod: { scrape: value } } }));
  });
}

for (const value of ['false', '0', 'no', 'off', 'No', 'OFF']) {
  test(`scrape: "${value}" on a pod beats "true" on its Namespace`, () => {
    assert.ok(!isScraped({ on: { pod: { scrape: value }, namespace: { scrape: 'true' } } }));
  });
}

for (const value of ['', 'maybe', 'tru', '2', 'enabled']) {
  test(`scrape: ${JSON.stringify(value)} is false at its level, with a warning, though the Namespace says true`, () => {
    const { targets, optIn } = outcomeOf({ on: { workload: { scrape: value }, namespace: { scrape: 'true' } } });
    assert.deepEqual(targets, []);
    assert.equal(
      optIn.kind === 'out' && optIn.warning,
      `flameherd.dev/scrape="${value}" on Deployment checkout is neither true nor false: it counts as false`,
    );
  });
}

test('each key is read from the nearest level that has it: the Pod, the owning workload object, the Namespace', () => {
  const path = (name: string) => ({ path: `/${name}/pprof` });
  const pathOf = (levels: Situation['on']) => outcomeOf({ on: levels ?? {} }).targets[0]?.specs[0]?.path;
  const all = { pod: path('pod'), workload: { scrape: 'true', ...path('workload') }, namespace: path('namespace') };
  assert.equal(pathOf(all), '/pod/pprof/profile');
  assert.equal(pathOf({ workload: all.workload, namespace: all.namespace }), '/workload/pprof/profile');
  assert.equal(pathOf({ workload: { scrape: 'true' }, namespace: all.namespace }), '/namespace/pprof/profile');
});

test('an unknown flameherd.dev/ key is a warning that says what was probably meant', () => {
  const said = warningsOf(
    outcomeOf({ on: { pod: { scrape: 'true', prot: '6060', 'cpu-second': '5', container: 'app', zzz: '' } } }),
  );
  const pod = 'pod checkout-5d4f-x2x';
  assert.deepEqual(said, [
    `flameherd.dev/prot on ${pod} is unknown: did you mean flameherd.dev/port?`,
    `flameherd.dev/cpu-second on ${pod} is unknown: did you mean flameherd.dev/cpu-seconds?`,
    `flameherd.dev/container on ${pod} is unknown: name the container in the port, as in flameherd.dev/port=app:6060`,
    `flameherd.dev/zzz on ${pod} is unknown: the keys are scrape, port, path, scheme, profiles, interval, cpu-seconds, transport, service, growth and <kind>.{path,port,interval,scrape}`,
  ]);
});

test('config beats annotations: kube-system is excluded by default', () => {
  assert.equal(decisive({ on, pod: { namespace: 'kube-system' } }), 'discovery.namespaces.exclude names kube-system');
});

test('config beats annotations: with namespaces.include, opt-ins count in these only', () => {
  const include = (...names: string[]) => ({ namespaces: { include: names, exclude: [] } });
  assert.ok(isScraped({ on, config: include('shop') }));
  assert.equal(decisive({ on, config: include('bank', 'ads') }), 'discovery.namespaces.include does not name shop');
});

test('config beats annotations: excluding a namespace beats including it', () => {
  const config = { namespaces: { include: ['shop'], exclude: ['shop'] } };
  assert.equal(decisive({ on, config }), 'discovery.namespaces.exclude names shop');
});

test('config beats annotations: what discovery.deny matches is never scraped', () => {
  const deny = [denyRule('{namespace="shop",workload=~"check.*"}')];
  assert.equal(decisive({ on, config: { deny } }), 'discovery.deny has {namespace="shop",workload=~"check.*"}');
  assert.ok(isScraped({ on, config: { deny: [denyRule('{namespace="shop",workload="other"}')] } }));
});

test('a deny rule that matches everything, or nothing that can be read, is refused by name', () => {
  assert.throws(() => denyRule('{}'), {
    code: 'bad_config',
    message: 'discovery.deny: "{}": no matchers: it would deny everything',
  });
  assert.throws(() => denyRule('{a='), { code: 'bad_config' });
});

test('hostNetwork pods are refused unless allowHostNetwork', () => {
  const refusal = 'the pod uses hostNetwork, which discovery.allowHostNetwork does not allow';
  assert.deepEqual(drawTargets(outcomeOf({ on, pod: { hostNetwork: true } })), [`app - unresolved ${refusal}`]);
});

test('hostNetwork pods are scraped with allowHostNetwork, and then only on declared ports', () => {
  const config = { allowHostNetwork: true };
  assert.ok(isScraped({ on, pod: { hostNetwork: true }, config }));
  const undeclared = outcomeOf({ on: { pod: { scrape: 'true', port: '10250' } }, pod: { hostNetwork: true }, config });
  assert.deepEqual(drawTargets(undeclared), [
    'app - unresolved the pod uses hostNetwork: only declared ports are asked',
  ]);
  const kindPort = { scrape: 'true', 'heap.port': '10250' };
  assert.match(
    drawTargets(outcomeOf({ on: { pod: kindPort }, pod: { hostNetwork: true }, config }))[0] ?? '',
    /only declared/,
  );
});

test('a pod that has ended or has no IP yet has no targets', () => {
  assert.equal(decisive({ on, pod: { phase: 'Succeeded' } }), 'the pod has ended (Succeeded)');
  assert.equal(decisive({ on, pod: { phase: 'Failed' } }), 'the pod has ended (Failed)');
  assert.equal(decisive({ on, pod: { phase: 'Pending', ip: '' } }), 'the pod has no IP (Pending)');
});

test('a pod that is being deleted keeps its targets, marked terminating', () => {
  const { targets } = outcomeOf({ on, pod: { deletionMs: 9 } });
  assert.deepEqual(
    targets.map(({ terminating, state }) => [terminating, state.kind]),
    [[true, 'active']],
  );
});

test('candidates: the dialects are recognised by default and not scraped', () => {
  const table = {
    'profiles.grafana.com/cpu.scrape': ['grafana', 'true'],
    'pyroscope.io/scrape': ['pyroscope', 'true'],
    'profefe.com/enable': ['profefe', 'true'],
    'coroot.com/profile-scrape': ['coroot', 'true'],
  };
  for (const [annotation, [dialect, value = '']] of Object.entries(table)) {
    const [line] = drawTargets(outcomeOf({ foreign: { [annotation]: value } }));
    assert.equal(
      line,
      `app 8080 candidate ${annotation}="true" on pod checkout-5d4f-x2x is ${dialect}'s; to scrape it: discovery.dialects: [${dialect}] or flameherd.dev/scrape=true`,
    );
  }
});

test('an own opt-out leaves no candidate, and a dialect that says no is none', () => {
  const grafana = { 'profiles.grafana.com/cpu.scrape': 'true' };
  assert.deepEqual(outcomeOf({ foreign: grafana, on: { namespace: { scrape: 'false' } } }).targets, []);
  assert.deepEqual(outcomeOf({ foreign: { 'profiles.grafana.com/cpu.scrape': 'false' } }).targets, []);
});
