import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeriesEntry } from '../../../src/ui/api/answers.ts';
import { countLabels, countValues, servicesOf } from '../../../src/ui/selection/services.ts';

const series = (labels: Record<string, string>, { kind = 'cpu', process = 'p1' } = {}): SeriesEntry => ({
  labels,
  kind,
  process,
  sampleTypes: [],
  first: '',
  firstMs: 0,
  last: '',
  lastMs: 0,
});
const checkout = { namespace: 'shop', workload: 'checkout', workload_kind: 'Deployment' };

test('a service is a workload, with how many processes it had and what was taken of them', () => {
  const [only, ...more] = servicesOf([
    series({ ...checkout, pod: 'a' }, { process: 'p1' }),
    series({ ...checkout, pod: 'a' }, { process: 'p1', kind: 'heap' }),
    series({ ...checkout, pod: 'b' }, { process: 'p2' }),
  ]);
  assert.deepEqual(more, []);
  assert.deepEqual(only, {
    namespace: 'shop',
    name: 'checkout',
    matchers: [
      { name: 'namespace', operator: '=', value: 'shop' },
      { name: 'workload', operator: '=', value: 'checkout' },
    ],
    processes: 2,
    kinds: ['cpu', 'heap'],
  });
});

test('two kinds of workload of one name are two services, which their kind tells apart', () => {
  const found = servicesOf([series(checkout), series({ ...checkout, workload_kind: 'Job' })]);
  assert.deepEqual(
    found.map(({ matchers }) => matchers[1]),
    [
      { name: 'workload_kind', operator: '=', value: 'Deployment' },
      { name: 'workload_kind', operator: '=', value: 'Job' },
    ],
  );
});

test('uploads without a workload are found by the name of their service', () => {
  const [upload] = servicesOf([series({ service_name: 'nightly' })]);
  assert.deepEqual(upload?.matchers, [{ name: 'service_name', operator: '=', value: 'nightly' }]);
});

test('values come with their processes, the most first', () => {
  const some = [
    series({ revision: 'r1' }, { process: 'p1' }),
    series({ revision: 'r2' }, { process: 'p2' }),
    series({ revision: 'r2' }, { process: 'p3' }),
    series({}, { process: 'p4' }),
  ];
  assert.deepEqual(countValues(some, 'revision'), [
    { value: 'r2', processes: 2 },
    { value: 'r1', processes: 1 },
  ]);
});

test('labels that tell series apart come first', () => {
  const some = [series({ namespace: 'shop', pod: 'a' }), series({ namespace: 'shop', pod: 'b' })];
  assert.deepEqual(countLabels(some), [
    { name: 'pod', values: 2 },
    { name: 'namespace', values: 1 },
  ]);
});
