import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSelector } from '../../src/model/matcher.ts';
import { hour } from '../../src/model/units.ts';
import type { DiffSide } from '../../src/query/engine.ts';
import { answerQuestion } from '../../src/query/engine-local.ts';
import { startQueryPool } from '../../src/query/pool.ts';
import { QuestionAllowance, QuestionCancelled, QuestionTooLarge } from '../../src/query/question-allowance.ts';
import { tooLargeError } from '../../src/query/too-large.ts';
import { unlimited } from '../../src/store/allowance.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import {
  askError,
  askJson,
  askText,
  cpuProfile,
  mergeQuestion,
  minuteMs,
  noonMs,
  rangeQuestion,
} from '../support/query-ask.ts';
import { diffQuestion } from '../support/query-diff.ts';
import { memoryReader } from '../support/query-memory-reader.ts';
import { storedProfiles } from '../support/query-sqlite.ts';

const shops = ['shop', 'bank', 'mail'];
/** Twelve workloads of three namespaces; the functions of each are its own. */
const profiles = shops.flatMap((namespace, at) =>
  Array.from({ length: 4 }, (_, index) => {
    const workload = `w${4 * at + index}`;
    const rows = Array.from({ length: 200 }, (_, row) => `main;${workload};f${row} 1 10`).join('\n');
    const labels = { namespace, workload, workload_kind: 'Deployment', container: 'app' };
    return cpuProfile(`${workload}-a`, noonMs + index, rows, labels);
  }),
);

function allowanceOf(bytes: number): { allowance: QuestionAllowance; control: Int32Array } {
  const control = new Int32Array(new SharedArrayBuffer(4));
  const allowance = new QuestionAllowance(control, bytes);
  allowance.start(7);
  return { allowance, control };
}

test('the first parts tell what all of them would hold', () => {
  const { allowance } = allowanceOf(100);
  allowance.begin();
  allowance.hold(40);
  allowance.expect(10);
  allowance.holdPart(20);
  allowance.holdPart(40);
  assert.throws(
    () => allowance.holdPart(30),
    (error) => error instanceof QuestionTooLarge && error.neededBytes === 40 + 90 + 7 * 30,
  );
  allowance.begin();
  allowance.hold(100);
});

test('what is kept counts while more is read, until the question is given up or the next one starts', () => {
  const { allowance } = allowanceOf(100);
  allowance.begin();
  allowance.hold(50);
  allowance.keep(40);
  allowance.begin();
  assert.equal(allowance.heldBytes, 40);
  allowance.hold(60);
  assert.throws(() => allowance.keep(1), { name: 'QuestionTooLarge', neededBytes: 101 });
  allowance.begin();
  allowance.hold(100);
  allowance.start(8);
  allowance.keep(100);
  allowance.start(9);
  assert.equal(allowance.heldBytes, 0);
});

test('a question is cancelled by its number', () => {
  const { allowance, control } = allowanceOf(100);
  allowance.check();
  control[0] = 6;
  allowance.check();
  control[0] = 7;
  for (const ask of [() => allowance.check(), () => allowance.hold(1), () => allowance.begin()]) {
    assert.throws(ask, { name: 'QuestionCancelled' });
  }
  allowance.start(8);
  allowance.check();
});

test('a question that would hold too much says how much, and what narrows it', async () => {
  using stored = await storedProfiles(profiles);
  const { allowance } = allowanceOf(400 * 1024);
  await using reader = openSqliteReader({ dataDir: stored.dataDir, allowance });
  const everything = mergeQuestion('cpu', { format: 'flamegraph' });
  const [, needed = '', hint] =
    /^query_too_large: the question would need about (\S+) of memory; one may take 400KiB \((.*)\)$/.exec(
      askError(reader, everything),
    ) ?? [];
  assert.match(needed, /^\d+(\.\d)?KiB$/);
  assert.equal(
    hint,
    'select by namespace (3 values) or workload (12 values) or pod (12 values), ask for a shorter window, or raise http.queryMemory',
  );
  // What twelve workloads need, told by the first of them, is what all need when they may.
  const { allowance: more } = allowanceOf(Number.parseFloat(needed) * 1024 * 1.1);
  await using roomy = openSqliteReader({ dataDir: stored.dataDir, allowance: more });
  assert.equal(askTotal(roomy, everything), 12 * 200 * 10);
  assert.match(askError(reader, mergeQuestion('cpu{namespace="shop"}', { format: 'pprof' })), /workload \(4 values\)/);
  assert.equal(askTotal(reader, mergeQuestion('cpu{workload="w1"}', { format: 'flamegraph' })), 200 * 10);
  assert.ok(askJson(reader, rangeQuestion('cpu')), 'totals over time need no trees');
});

test('a diff that would hold too much is narrowed on the side that is wide', async () => {
  using stored = await storedProfiles(profiles);
  const { allowance } = allowanceOf(400 * 1024);
  await using reader = openSqliteReader({ dataDir: stored.dataDir, allowance });
  const window = { fromMs: noonMs - minuteMs, toMs: noonMs + minuteMs };
  const narrow = { selector: parseSelector('cpu{workload="w1"}'), window };
  const wide = { selector: parseSelector('cpu'), window };
  const diff = (compare: DiffSide, base: DiffSide) =>
    askError(reader, diffQuestion('cpu', { format: 'flamegraph', compare, base }));
  assert.match(diff(wide, narrow), /select by namespace \(3 values\)/);
  assert.match(diff(narrow, wide), /select by namespace \(3 values\)/);
});

test('what totals over time are written from counts, by its points', () => {
  const reader = memoryReader(profiles);
  const heldBy = (query: string): number => {
    let held = 0;
    const allowance = { check() {}, hold: (bytes: number) => void (held += bytes) };
    assert.equal(answerQuestion(reader, rangeQuestion(query), noonMs + hour, allowance).kind, 'answer');
    return held;
  };
  const ofOne = heldBy('cpu{workload="w1"}');
  assert.ok(ofOne >= 200, `${ofOne} bytes`);
  assert.equal(heldBy('cpu'), 12 * ofOne);
});

function askTotal(reader: Parameters<typeof askJson>[0], question: Parameters<typeof askJson>[1]): number {
  return (askJson(reader, question) as { total: number[] }).total[0] ?? 0;
}

test('a question may be cancelled at any step, and the next one is answered as ever', async () => {
  using stored = await storedProfiles(profiles);
  let steps = 0;
  const check = (): void => {
    if (--steps === 0) throw new QuestionCancelled('the question was cancelled');
  };
  const allowance = { ...unlimited, begin: check, check, hold: check, holdPart: check };
  await using reader = openSqliteReader({ dataDir: stored.dataDir, allowance });
  for (const question of [
    mergeQuestion('cpu', { format: 'flamegraph' }),
    rangeQuestion('cpu'),
    mergeQuestion('cpu', { format: 'collapsed' }),
  ]) {
    steps = 0;
    const whole = askText(reader, question);
    let cancelled = 0;
    for (;;) {
      steps = cancelled + 1;
      try {
        assert.equal(askText(reader, question), whole);
        break;
      } catch (error) {
        assert.ok(error instanceof QuestionCancelled);
        cancelled++;
      }
    }
    assert.ok(cancelled > 3, `${cancelled} steps`);
  }
});

test('a pprof may be cancelled while it is written', async () => {
  using stored = await storedProfiles(profiles);
  let steps = 0;
  await using reader = openSqliteReader({ dataDir: stored.dataDir });
  const check = (): void => {
    if (steps-- === 0) throw new QuestionCancelled('the question was cancelled');
  };
  const ask = () => answerQuestion(reader, mergeQuestion('cpu', { format: 'pprof' }), Date.now(), { check });
  assert.throws(ask, { name: 'QuestionCancelled' }, 'at the first row');
  steps = 1;
  assert.throws(ask, { name: 'QuestionCancelled' }, 'when all rows are written');
  steps = 100;
  assert.equal(ask().kind, 'answer');
});

test('totals over time may be cancelled while groups are made of what was read', async () => {
  using stored = await storedProfiles(profiles);
  await using reader = openSqliteReader({ dataDir: stored.dataDir });
  const { allowance, control } = allowanceOf(1_000_000);
  for (const question of [
    rangeQuestion('cpu', { groupBy: ['workload'] }),
    rangeQuestion('cpu', { functionName: 'main' }),
  ]) {
    const ask = () => answerQuestion(reader, question, noonMs + 3600_000, allowance);
    control[0] = 0;
    assert.equal(ask().kind, 'answer');
    control[0] = 7;
    assert.throws(ask, { name: 'QuestionCancelled' });
  }
});

test('a function that is nowhere is said to be so, where the names of all would be too much to look among', () => {
  const found = memoryReader([cpuProfile('a', noonMs, 'main;serve 1 10')]);
  const callTree = (): never => {
    throw new QuestionTooLarge(2, 1);
  };
  const { meta } = askJson({ ...found, callTree }, rangeQuestion('cpu', { functionName: 'server' })) as {
    readonly meta: { readonly hint: string };
  };
  assert.equal(meta.hint, 'no stack in this window has a function server; merge with format=top lists them all');
});

test('over the pool it is the same, and counted', async () => {
  using stored = await storedProfiles(profiles);
  const onFault = (error: Error): never => assert.fail(error);
  await using pool = startQueryPool({
    dataDir: stored.dataDir,
    questionBytes: 400 * 1024,
    maxHeapBytes: 2 ** 30,
    onFault,
  });
  const answer = await pool.ask(mergeQuestion('cpu'));
  assert.equal(answer.kind === 'error' ? answer.error.code : 'an answer', 'query_too_large');
  assert.equal((await pool.ask(mergeQuestion('cpu{workload="w1"}'))).kind, 'answer');
  assert.equal(pool.numbers().ended.too_large, 1);
});

test('a size that reads as what is allowed is said to be a little more', () => {
  const gigabyte = 1024 ** 3;
  const { message } = tooLargeError(
    memoryReader(profiles),
    mergeQuestion('cpu'),
    new QuestionTooLarge(1.01 * gigabyte, gigabyte),
    noonMs + hour,
  );
  assert.equal(message, 'the question would need a little more than 1GiB of memory; one may take 1GiB');
});
