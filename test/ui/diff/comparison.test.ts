import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  brushed,
  inMode,
  modeOf,
  normalizationOf,
  pinned,
  sidesOf,
  swapped,
  withRevision,
} from '../../../src/ui/diff/comparison.ts';
import { sideNames, subjectOf } from '../../../src/ui/diff/side-names.ts';
import { diffMeta, rolledOut, sideMeta } from './answers.ts';

const query = 'cpu{namespace="shop",workload="checkout"}';
const ofRevision = (revision: string) => `cpu{namespace="shop",revision="${revision}",workload="checkout"}`;

test('the parameters say by what the sides differ', () => {
  assert.equal(modeOf({ query, rollout: 'latest' }), 'rollout');
  assert.equal(modeOf({ query }), 'times');
  assert.equal(modeOf({ query, base_from: 'now-2h', base_to: 'now-1h' }), 'times');
  assert.equal(modeOf({ query: ofRevision('r2'), base_query: ofRevision('r1') }), 'revisions');
  assert.equal(modeOf({ query, base_query: 'cpu{namespace="shop",workload="cart"}' }), 'labels');
  assert.equal(modeOf({ query, base_query: 'cpu{' }), 'labels', 'while it is being typed');
});

test('sides are compared as shares unless the parameters say otherwise', () => {
  assert.equal(normalizationOf({}), 'share');
  assert.equal(normalizationOf({ normalize: 'process' }), 'process');
  assert.equal(normalizationOf({ rollout: 'latest' }), 'process', 'as the API does');
  assert.equal(normalizationOf({ rollout: 'latest', normalize: 'share' }), 'share');
  assert.equal(normalizationOf({ normalize: 'nonsense' }), 'share');
});

test('a query gets a revision, another one, and none', () => {
  assert.equal(withRevision(query, 'r2'), ofRevision('r2'));
  assert.equal(withRevision(ofRevision('r2'), 'r1'), ofRevision('r1'));
  assert.equal(withRevision(ofRevision('r2'), undefined), query);
  assert.equal(withRevision('cpu{revision="r2"}', undefined), 'cpu');
  assert.equal(withRevision('cpu{wor', 'r2'), 'cpu{wor', 'what cannot be read stays');
});

test('the sides of a roll-out are its revisions, each over the window that was read', () => {
  const { compare, base } = sidesOf({ query, rollout: 'latest' }, diffMeta({ rollout: rolledOut() }));
  assert.equal(compare.query, ofRevision('r2'));
  assert.equal(base.query, ofRevision('r1'));
  assert.equal(compare.window.fromMs, base.window.toMs);
});

test('from a roll-out, revisions and labels keep what was compared', () => {
  const meta = diffMeta({ rollout: rolledOut() });
  const windows = { from: '2026-11-22T12:00:00Z', to: '2026-11-22T12:30:00Z' };
  const baseWindows = { base_from: '2026-11-22T11:30:00Z', base_to: '2026-11-22T12:00:00Z' };
  const given = { query, rollout: 'latest', zoom: 'main' };
  assert.deepEqual(known(inMode('revisions', given, { meta })), {
    query: ofRevision('r2'),
    base_query: ofRevision('r1'),
    ...windows,
    ...baseWindows,
  });
  assert.deepEqual(known(inMode('labels', given, { meta })), { query, base_query: query, ...windows });
  assert.deepEqual(known(inMode('times', given, { meta })), { query, ...windows, ...baseWindows });
});

test('two revisions that ran at the same time are no two times: the base is what came before', () => {
  const meta = diffMeta({ rollout: rolledOut(), base: sideMeta() });
  assert.deepEqual(known(inMode('times', { query, rollout: 'latest' }, { meta })), {
    query,
    from: '2026-11-22T12:00:00Z',
    to: '2026-11-22T12:30:00Z',
  });
});

test('sides stay normalised as they are, however they are chosen', () => {
  const meta = diffMeta({ rollout: rolledOut(), normalize: 'process' });
  const given = { query, rollout: 'latest' };
  assert.equal(inMode('times', given, { meta })['normalize'], 'process');
  assert.equal(swapped(given, meta)['normalize'], 'process');
  assert.equal(
    inMode('rollout', { query, normalize: 'process' }, { meta })['normalize'],
    undefined,
    'as roll-outs are',
  );
});

test('back to the latest roll-out nothing is left to fill in', () => {
  const given = { query: ofRevision('r2'), base_query: ofRevision('r1'), from: 'now-2h', to: 'now', view: 'table' };
  assert.deepEqual(known(inMode('rollout', given)), { query, rollout: 'latest', view: 'table' });
});

test('without an answer the newest two revisions are compared', () => {
  const { query: own, base_query: other } = inMode('revisions', { query }, { revisions: ['r3', 'r2', 'r1'] });
  assert.deepEqual([own, other], [ofRevision('r3'), ofRevision('r2')]);
});

test('swapped, the base is compared with what was compared, and twice is as before', () => {
  const meta = diffMeta();
  const once = swapped({ query }, meta);
  assert.deepEqual(known(once), {
    query,
    from: '2026-11-22T11:30:00Z',
    to: '2026-11-22T12:00:00Z',
    base_from: '2026-11-22T12:00:00Z',
    base_to: '2026-11-22T12:30:00Z',
  });
  const rollout = swapped({ query, rollout: 'latest' }, diffMeta({ rollout: rolledOut() }));
  assert.equal(rollout['query'], ofRevision('r1'));
  assert.equal(rollout['base_query'], ofRevision('r2'));
  assert.equal(rollout['rollout'], undefined);
});

test('a window that is drawn is of its side; of a roll-out the revisions stay', () => {
  const window = { fromMs: Date.parse('2026-11-22T12:10:00Z'), toMs: Date.parse('2026-11-22T12:20:00Z') };
  const drawn = brushed(
    { query, rollout: 'latest' },
    { meta: diffMeta({ rollout: rolledOut() }), side: 'base', window },
  );
  assert.equal(drawn['base_query'], ofRevision('r1'));
  assert.equal(drawn['base_from'], '2026-11-22T12:10:00Z');
  assert.equal(drawn['from'], '2026-11-22T12:00:00Z');
  const given = { query, from: 'now-1h', base_from: 'now-2h', base_to: 'now-1h' };
  assert.deepEqual(known(brushed(given, { meta: diffMeta(), side: 'base', window: undefined })), {
    query,
    from: 'now-1h',
  });
  const { from, to } = brushed(given, { meta: diffMeta(), side: 'compare', window });
  assert.deepEqual([from, to], ['2026-11-22T12:10:00Z', '2026-11-22T12:20:00Z']);
});

test('a link to be kept names revisions and moments', () => {
  const link = pinned({ query, rollout: 'latest' }, diffMeta({ rollout: rolledOut(), normalize: 'process' }));
  assert.deepEqual(known(link), {
    query: ofRevision('r2'),
    from: '2026-11-22T12:00:00Z',
    to: '2026-11-22T12:30:00Z',
    base_query: ofRevision('r1'),
    base_from: '2026-11-22T11:30:00Z',
    base_to: '2026-11-22T12:00:00Z',
    normalize: 'process',
  });
});

test('sides are called by what tells them apart', () => {
  const meta = diffMeta();
  const namesOf = (parameters: Record<string, string>, own = meta) =>
    sideNames(sidesOf(parameters, own), own, ({ fromMs }) => new Date(fromMs).toISOString().slice(11, 16));
  assert.deepEqual(namesOf({ query }), { compare: '12:00', base: '11:30' });
  assert.deepEqual(namesOf({ query, rollout: 'latest' }, diffMeta({ rollout: rolledOut() })), {
    compare: 'r2',
    base: 'r1',
  });
  assert.deepEqual(namesOf({ query: ofRevision('r2'), base_query: ofRevision('r1') }), { compare: 'r2', base: 'r1' });
  assert.deepEqual(namesOf({ query: 'cpu{zone="a"}', base_query: 'cpu' }), { compare: 'zone="a"', base: 'all' });
});

test('what is compared is called by its workload and the short name of its type', () => {
  assert.equal(subjectOf(query), 'checkout cpu');
  assert.equal(subjectOf('memory:inuse_space:bytes:space:bytes{service_name="cart"}'), 'cart heap');
  assert.equal(subjectOf('goroutine'), 'goroutine');
  assert.equal(subjectOf('cpu{wor'), 'cpu{wor');
});

function known(parameters: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined));
}
