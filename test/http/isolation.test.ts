import assert from 'node:assert/strict';
import { before, type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { type Ask, type Ids, questions } from '../support/isolation-questions.ts';
import { foreign, namesOf, own } from '../support/isolation-tenants.ts';
import { type World, worldOf } from '../support/isolation-world.ts';

/**
 * A reader of one namespace is answered as if there were no other: the same question has the same answer whether another one is
 * stored or not. Who may see all asks first, so that whatever is kept between questions is of both.
 */

const numRuns = Number(process.env['FLAMEHERD_ISOLATION_RUNS'] ?? 15);
const reader = `reader:${own.namespace}`;
const foreignNames = namesOf(foreign);
/** Where who may see all is told more of the same store, and why. */
const moreForAll: Readonly<Record<string, string>> = {
  '/api/v1/whoami': 'it is about who asks',
  '/api/v1/status': 'needs a right of its own',
  '/metrics': 'needs a right of its own',
  '/debug/pprof/': 'needs a right of its own',
  '/debug/pprof/profile': 'needs a right of its own',
  '/debug/pprof/heap': 'needs a right of its own',
  '/api/v1/sidecars': 'an image is left alone in all namespaces at once',
};

interface Told {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

let shared: World;
let alone: World;
const idsOf = new Map<World, Ids>();

before(async (t) => {
  const context = t as TestContext;
  shared = await worldOf(context, [own, foreign]);
  alone = await worldOf(context, [own]);
  const lists = ['profile-types', 'labels', 'series', 'label/pod/values', 'targets', 'growth'];
  const listed = await Promise.all(lists.map(async (list) => [list, await cursorsOf(shared, list)] as const));
  const profiles = await cursorsOf(shared, 'profiles?query=cpu');
  const idsIn = (world: World): string[] => profilesOf(world).map(base64);
  for (const world of [shared, alone]) {
    idsOf.set(world, {
      ownProfiles: profilesOf(world),
      foreignProfiles: shared.profileIds.get(foreign.namespace) ?? [],
      ownEvents: shared.eventIds.get(own.namespace) ?? [],
      foreignEvents: shared.eventIds.get(foreign.namespace) ?? [],
      cursors: {
        ...Object.fromEntries(listed),
        profiles: profiles.map((cursor) => translate(cursor, idsIn(shared), idsIn(world))),
      },
    });
  }
});

const profilesOf = (world: World): readonly string[] => world.profileIds.get(own.namespace) ?? [];
const base64 = (text: string): string => Buffer.from(text).toString('base64url');

function tell(world: World, token: string, asked: Ask): Promise<Told> {
  return ask(world, token, asked(idsOf.get(world) as Ids));
}

async function ask(world: World, token: string, url: string): Promise<Told> {
  const headers = { authorization: `Bearer ${token}`, 'x-forwarded-for': '192.0.2.1', accept: 'application/json' };
  const { statusCode, rawPayload, headers: given } = await world.app.inject({ url, headers });
  const { 'content-length': _, date: __, ...kept } = given;
  const bytes =
    rawPayload[0] === 0x1f && rawPayload[1] === 0x8b && rawPayload.length > 20 ? gunzipSync(rawPayload) : rawPayload;
  return { status: statusCode, headers: kept, body: withoutIds(bytes.toString('latin1'), profilesOf(world)) };
}

/** The id of a profile counts the series of the whole store: it is the one thing that differs. */
function withoutIds(body: string, ids: readonly string[]): string {
  const places = ids.map((_, at) => `PROFILE-${at}.`);
  return translate(translate(body, ids.map(base64), places), ids, places);
}

function translate(text: string, from: readonly string[], to: readonly string[]): string {
  return from.reduce((replaced, one, at) => replaced.replaceAll(one, to[at] ?? ''), text);
}

/** Pages of one, as who may see all turns them. */
async function cursorsOf(world: World, list: string): Promise<string[]> {
  const cursors: string[] = [];
  while (cursors.length < 15) {
    const next = cursors.length === 0 ? '' : `&cursor=${cursors.at(-1)}`;
    const url = `/api/v1/${list}${list.includes('?') ? '&' : '?'}limit=1${next}`;
    const answer = await world.app.inject({ url, headers: { authorization: 'Bearer admin' } });
    const { nextCursor } = answer.json<{ readonly nextCursor: string | null }>();
    if (nextCursor === null) break;
    cursors.push(nextCursor);
  }
  return cursors;
}

test('the other namespace is there, and who may see all sees it', async () => {
  const isSeen = async (url: string) => (await ask(shared, 'admin', url)).body;
  for (const url of [
    '/api/v1/series',
    '/api/v1/targets',
    '/api/v1/growth',
    '/api/v1/merge?query=cpu&format=top&seconds=7200',
  ]) {
    const body = await isSeen(url);
    for (const { namespace, functions } of [own, foreign]) {
      assert.ok(
        body.includes(namespace) || functions.some((name) => body.includes(name)),
        `${url}: ${body.slice(0, 500)}`,
      );
    }
  }
  assert.ok((shared.eventIds.get(foreign.namespace) ?? []).length > 0, 'it has events of growth');
  assert.deepEqual(shared.eventIds.get(own.namespace), alone.eventIds.get(own.namespace));
  assert.ok((shared.eventIds.get(own.namespace) ?? []).length > 0, 'so has the own one');
});

test('each GET of the API is among the questions, and no other', async () => {
  const { body } = await ask(shared, 'admin', '/api/v1/openapi.json');
  const { paths } = JSON.parse(body) as { paths: Record<string, Record<string, unknown>> };
  const gets = Object.keys(paths).filter((path) => paths[path]?.['get']);
  assert.deepEqual(Object.keys(questions).toSorted(), gets.toSorted());
});

for (const [path, drawn] of Object.entries(questions)) {
  test(`${path} tells a reader of one namespace nothing of another`, async (t) => {
    const statuses: number[] = [];
    await fc.assert(
      fc.asyncProperty(drawn, async (asked) => {
        const url = decodeURIComponent(asked(idsOf.get(shared) as Ids).replaceAll('+', ' '));
        await tell(shared, 'admin', asked);
        const told = await tell(shared, reader, asked);
        statuses.push(told.status);
        assert.deepEqual(told, await tell(alone, reader, asked), url);
        assert.ok(told.status < 500, `${url}: ${told.body}`);
        const text = `${JSON.stringify(told.headers)} ${told.body}`;
        const named = foreignNames.filter(
          (name) => text.includes(name) && !url.toLowerCase().includes(name.toLowerCase()),
        );
        assert.deepEqual(named, [], `${url}: ${told.body}`);
        // And it is all that there is of the own one.
        if (told.status !== 403 && !moreForAll[path]) assert.deepEqual(told, await tell(alone, 'admin', asked), url);
      }),
      { numRuns },
    );
    // What is drawn is not all refused for what it is itself.
    t.diagnostic(
      JSON.stringify(
        Object.fromEntries(
          Map.groupBy(statuses, String)
            .entries()
            .map(([status, all]) => [status, all.length]),
        ),
      ),
    );
  });
}

test('who may read nowhere is told what to ask for, and whom it is taken for', async () => {
  const refused = await ask(shared, 'nobody', '/api/v1/series');
  assert.equal(refused.status, 403);
  assert.match(refused.body, /nobody may read in no namespace of which anything is known/);
  assert.match(refused.body, /get profiles/);
  const { body } = await ask(shared, 'nobody', '/api/v1/whoami');
  const { name, namespaces, permissions } = JSON.parse(body) as Readonly<Record<string, unknown>>;
  assert.deepEqual({ name, namespaces, permissions }, { name: 'nobody', namespaces: [], permissions: [] });
});

test('a namespace in a parameter is refused alike, whether there is such a namespace or not', async () => {
  for (const url of [
    '/api/v1/explain?pod=gate-0&namespace=',
    '/api/v1/targets?namespace=',
    '/api/v1/growth?namespace=',
    '/api/v1/growth/backtest?namespace=',
    '/api/v1/sidecars?namespace=',
    '/api/v1/rollouts?workload=zqledger&namespace=',
  ]) {
    const [there, nowhere] = await Promise.all(
      [foreign.namespace, 'nowhere'].map((name) => ask(shared, reader, url + name)),
    );
    assert.equal(there?.status, 403);
    assert.equal(there?.body.replaceAll(foreign.namespace, 'nowhere'), nowhere?.body);
    assert.equal((await ask(shared, reader, url + own.namespace)).status, 200, url);
  }
});
