import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RangeAnswer } from '../../../src/ui/api/answers.ts';
import { latestRollouts } from '../../../src/ui/home/latest-rollouts.ts';
import {
  isGone,
  joinServices,
  readSort,
  searchServices,
  sortServices,
  tiersOf,
} from '../../../src/ui/home/services.ts';

const minute = 60_000;

/** `shop/cart: 1 2 3`: a service and its points, a minute apart, the last of which begins at minute 9. */
function answerOf(unit: string, ...lines: readonly string[]): RangeAnswer {
  const series = lines.map((line) => {
    const [, namespace = '', workload = '', revision = '', values = ''] =
      /^(\w+)\/(\w+)@?(\w*): (.*)$/.exec(line) ?? [];
    const points = values.split(' ').map((value, at, all) => [(10 - all.length + at) * minute, Number(value), 60]);
    const labels = { namespace, workload, workload_kind: 'Deployment', ...(revision && { revision }) };
    return { labels, points: points.filter(([, value]) => !Number.isNaN(value)) };
  });
  const meta = { fromMs: 0, toMs: 10 * minute } as RangeAnswer['meta'];
  return { unit, aggregation: 'avg', estimated: false, stepMs: minute, series, other: null, meta };
}

const answers = {
  cpu: answerOf('cores', 'shop/cart: 1 2', 'shop/mailer: 3 1'),
  heap: answerOf('bytes', 'shop/cart: 70 80', 'ops/web: 90'),
};
const names = (services: readonly { readonly name: string }[]) => services.map(({ name }) => name).join(' ');

test('a service is there once, with what each answer knows of it', () => {
  const [cart, mailer, web, ...more] = joinServices(answers);
  assert.deepEqual(more, []);
  assert.deepEqual([cart?.name, mailer?.name, web?.name], ['cart', 'mailer', 'web']);
  assert.equal(cart?.matchers, '{namespace="shop",workload="cart",workload_kind="Deployment"}');
  assert.deepEqual(cart?.measures.heap, {
    unit: 'bytes',
    points: [
      [8 * minute, 70],
      [9 * minute, 80],
    ],
    value: 80,
  });
  assert.deepEqual([cart?.measures.cpu?.value, cart?.measures.allocs, web?.measures.cpu], [2, undefined, undefined]);
});

test('services are sorted by what they use now, or by name; what is not known comes last', () => {
  const services = joinServices(answers);
  assert.equal(names(sortServices(services, 'cpu')), 'cart mailer web');
  assert.equal(names(sortServices(services, 'heap')), 'web cart mailer');
  assert.equal(names(sortServices(services, 'name')), 'web cart mailer');
  assert.deepEqual([readSort('name'), readSort('constructor'), readSort(undefined)], ['name', 'cpu', 'cpu']);
});

test('a search finds words of namespace and name in any order and case', () => {
  const services = joinServices(answers);
  assert.equal(names(searchServices(services, 'Ca')), 'cart');
  assert.equal(names(searchServices(services, 'ma shop')), 'mailer');
  assert.equal(names(searchServices(services, 'shop/cart')), 'cart');
  assert.equal(names(searchServices(services, ' ')), 'cart mailer web');
  assert.equal(names(searchServices(services, '.*')), '');
});

test('a service that nothing is seen of any more is gone', () => {
  const { meta, stepMs } = answers.cpu;
  const [cart] = joinServices(answers);
  assert.ok(cart);
  assert.equal(isGone(cart, meta, stepMs), false);
  assert.equal(isGone({ ...cart, lastMs: 4 * minute }, meta, stepMs), true);
});

test('of several containers that grow the service has the highest tier', () => {
  const verdict = { namespace: 'shop', workloadKind: 'Deployment', workload: 'cart' };
  const verdicts = [
    { ...verdict, container: 'a', tier: 'likely' },
    { ...verdict, container: 'b', tier: 'suspected' },
    { ...verdict, workload: 'web', tier: null },
  ] as unknown as Parameters<typeof tiersOf>[0];
  assert.deepEqual([...tiersOf(verdicts)], [['["shop","Deployment","cart"]', 'likely']]);
});

test('a roll-out is a revision that began while another was known before', () => {
  const answer = answerOf(
    'bytes',
    'shop/cart@r1: 1 1 1 1',
    'shop/cart@r2: 1 1',
    'shop/mailer@r1: 1 1 1 1',
    'ops/web@r1: 1 1 1 x',
    'ops/web@r2: 1',
    'ops/job: 1 1 1 1',
  );
  assert.deepEqual(
    latestRollouts(answer).map(({ key, aboutMs }) => [key, aboutMs / minute]),
    [
      ['["ops","Deployment","web"]', 9],
      ['["shop","Deployment","cart"]', 8],
    ],
  );
});
