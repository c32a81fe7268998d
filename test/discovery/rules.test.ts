import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configOf } from '../../src/config/load.ts';
import { discoveryRules } from '../../src/discovery/rules.ts';
import { defaultDiscoveryRules } from '../support/discovery-records.ts';

const rulesOf = (layer: unknown) => discoveryRules(configOf([layer]).config);

test('the rules of an empty configuration are the documented defaults', () => {
  const { pathPattern, ...rest } = defaultDiscoveryRules;
  assert.deepEqual(rest, {
    namespaces: { include: [], exclude: ['kube-system'] },
    deny: [],
    dialects: [],
    podLabels: [],
    externalLabels: {},
    allowHostNetwork: false,
    probe: true,
    profiles: ['cpu', 'heap', 'goroutine', 'block', 'mutex'],
    intervalMs: 60_000,
    cpuSeconds: 10,
    limits: { minIntervalMs: 5_000, cpuDuty: 0.5, targetsPerNamespace: 2_000, targets: 10_000 },
  });
  assert.ok(pathPattern.test('/debug/pprof'));
});

test('a dialect, a kind or a deny rule that is none is refused by the name of its key', () => {
  const bad = (code: string, message: RegExp) => (error: { code?: string; message: string }) => {
    assert.equal(error.code, code);
    assert.match(error.message, message);
    return true;
  };
  assert.throws(
    () => rulesOf({ discovery: { dialects: ['parca'] } }),
    bad('bad_config', /discovery\.dialects: "parca" is unknown/),
  );
  assert.throws(
    () => rulesOf({ scrape: { profiles: ['../x'] } }),
    bad('bad_config', /scrape\.profiles: \["\.\.\/x"\]/),
  );
  assert.throws(() => rulesOf({ discovery: { deny: ['nope'] } }), bad('bad_config', /discovery\.deny: "nope"/));
});
