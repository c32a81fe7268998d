import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { unheard } from '../../src/auth/auth-events.ts';
import type { NamespaceScope } from '../../src/auth/caller.ts';
import type { Permission } from '../../src/auth/permission.ts';
import { RbacDecisions } from '../../src/auth/rbac-decisions.ts';
import { ReviewLane, reviewLanes } from '../../src/auth/review-lane.ts';
import type { AskedAccess, ReviewedUser } from '../../src/kubernetes/reviews.ts';

/** What RBAC says, written down as the rules are: a subject, what it may, and where; no namespace is everywhere. */
interface Rule {
  readonly subject: string;
  readonly word: string;
  readonly namespace: string | undefined;
}

const words: Readonly<Record<Permission, string>> = {
  read: 'get profiles',
  upload: 'create profiles',
  snap: 'create snaps',
  snapAny: 'create snaps/any',
  pause: 'create pauses',
  reload: 'update configuration',
  status: 'get status',
};
const onlyEverywhere = new Set(['reload', 'status']);
const namespaces = ['a', 'b', 'a b'] as const;
const subjects = ['ann', 'ann b', 'group:x'] as const;
/** Few, so that what is remembered of one is often there when another is asked about. */
const asked = ['read', 'snap', 'snapAny', 'reload'] as const;

const rule = fc.record<Rule>({
  subject: fc.constantFrom(...subjects),
  word: fc.constantFrom(...asked.map((permission) => words[permission])),
  namespace: fc.option(fc.constantFrom(...namespaces), { nil: undefined, freq: 4 }),
});
const user = fc.record<ReviewedUser>({
  name: fc.constantFrom('ann', 'ann b'),
  uid: fc.constantFrom('', '1'),
  groups: fc.constantFrom([], ['x']),
  extra: fc.constant({}),
});
const permission = fc.constantFrom(...asked);
/** Somebody asks, rules change, or time passes. */
const scopeStep = fc.record({ kind: fc.constant('scope' as const), user, permission });
const mayStep = fc.record({
  kind: fc.constant('may' as const),
  user,
  permission,
  namespace: fc.option(fc.constantFrom(...namespaces, 'unknown'), { nil: undefined }),
});
const rulesStep = fc.record({ kind: fc.constant('rules' as const), rules: fc.array(rule, { maxLength: 8 }) });
const timeStep = fc.record({
  kind: fc.constant('passes' as const),
  ms: fc.constantFrom(1000, 29_000, 30_000, 150_000, 299_000, 300_000),
});
const step = fc.oneof(
  { weight: 3, arbitrary: scopeStep },
  { weight: 2, arbitrary: mayStep },
  { weight: 2, arbitrary: timeStep },
  { weight: 1, arbitrary: rulesStep },
);
const steps = { minLength: 20, maxLength: 80, size: 'max' } as const;

function allows(rules: readonly Rule[], { name, groups }: ReviewedUser, word: string, namespace?: string): boolean {
  const who = new Set([name, ...groups.map((group) => `group:${group}`)]);
  return rules.some(
    (each) =>
      who.has(each.subject) && each.word === word && (each.namespace === undefined || each.namespace === namespace),
  );
}

/** What the rules of one moment allow, worked out without asking for all namespaces first. */
function scopeBy(rules: readonly Rule[], who: ReviewedUser, permission: keyof typeof words): NamespaceScope {
  const word = words[permission];
  if (allows(rules, who, word)) return 'all';
  if (onlyEverywhere.has(permission)) return new Set();
  return new Set(namespaces.filter((namespace) => allows(rules, who, word, namespace)));
}

function wordOf({ verb, resource, subresource }: AskedAccess): string {
  return `${verb} ${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}

test('with rules that stand still, scopes and answers are those of the rules, whoever asked what before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(rule, { minLength: 3, maxLength: 12 }), fc.array(step, steps), async (rules, drawn) => {
      const clock = { ms: 1_000_000 };
      const decisions = decisionsOf(() => rules, clock);
      for (const each of drawn) {
        if (each.kind === 'passes') clock.ms += each.ms;
        if (each.kind === 'scope') {
          const scope = await decisions.callerOf(each.user).scopeOf(each.permission);
          if (!isDeepStrictEqual(scope, scopeBy(rules, each.user, each.permission))) return false;
        }
        if (each.kind === 'may') {
          const { permission, namespace } = each;
          const where = onlyEverywhere.has(permission) ? undefined : namespace;
          const may = await decisions.callerOf(each.user).may(permission, namespace);
          if (may !== allows(rules, each.user, words[permission], where)) return false;
        }
      }
      return true;
    }),
    { numRuns: 100 },
  );
});

test('with rules that change, nobody sees what no rule of the last five minutes let him see, nor misses what all of the last half minute did', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, steps), async (drawn) => {
      const clock = { ms: 1_000_000 };
      let rules: readonly Rule[] = [];
      let past: { readonly rules: readonly Rule[]; endedMs: number }[] = [];
      const decisions = decisionsOf(() => rules, clock);
      for (const each of drawn) {
        if (each.kind === 'passes') clock.ms += each.ms;
        if (each.kind === 'rules') {
          past.push({ rules, endedMs: clock.ms });
          rules = each.rules;
        }
        if (each.kind !== 'scope') continue;
        past = past.filter(({ endedMs }) => clock.ms - endedMs < 300_000);
        const scope = await decisions.callerOf(each.user).scopeOf(each.permission);
        const within = (ms: number) => [
          rules,
          ...past.filter(({ endedMs }) => clock.ms - endedMs < ms).map((p) => p.rules),
        ];
        const word = words[each.permission];
        for (const namespace of onlyEverywhere.has(each.permission) ? [] : namespaces) {
          const sees = scope === 'all' || scope.has(namespace);
          const allowedBy = (some: readonly Rule[]) => allows(some, each.user, word, namespace);
          if (sees && !within(300_000).some(allowedBy)) return false;
          if (!sees && within(30_000).every(allowedBy)) return false;
        }
      }
      return true;
    }),
    { numRuns: 100 },
  );
});

function decisionsOf(rules: () => readonly Rule[], clock: { readonly ms: number }): RbacDecisions {
  return new RbacDecisions({
    review: async (who, asked) => {
      // The answers come in another order than the questions.
      for (let turns = (asked.namespace ?? '').length * 3; turns > 0; turns--) await Promise.resolve();
      return allows(rules(), who, wordOf(asked), asked.namespace);
    },
    namespaces: async () => new Set(namespaces),
    allowedStandsMs: 300_000,
    deniedStandsMs: 30_000,
    lane: new ReviewLane(reviewLanes.access, () => clock.ms),
    events: unheard,
    now: () => clock.ms,
  });
}
