import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { hour } from '../../src/model/units.ts';
import { answerQuestion } from '../../src/query/engine-local.ts';
import { QuestionAllowance } from '../../src/query/question-allowance.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import { temporaryFolder } from '../support/daemon.ts';
import { questionsAbout } from '../support/large-questions.ts';
import { storeLargeTrees } from '../support/large-trees.ts';

/** What questions count as held; `bench/memory-bound.ts` compares it with the resident memory, over two million nodes. */
const stampMs = 1_700_000_000_000;
const questions = questionsAbout(stampMs);
const workloads = 6;
const nodes = 3000;

class CountingAllowance extends QuestionAllowance {
  most = 0;

  override hold(bytes: number): void {
    super.hold(bytes);
    this.most = Math.max(this.most, this.heldBytes);
  }
}

/** Asks within a bound: what was answered, and the most that was held. */
type Asker = (name: string, bytes: number) => Promise<{ said: string; most: number }>;

async function askerOf(t: TestContext): Promise<Asker> {
  const dataDir = await temporaryFolder(t);
  await storeLargeTrees(dataDir, { workloads, nodes, stampMs });
  return async (name, bytes) => {
    const question = questions[name];
    assert.ok(question);
    const allowance = new CountingAllowance(new Int32Array(new SharedArrayBuffer(4)), bytes);
    allowance.start(1);
    await using reader = openSqliteReader({ dataDir, allowance });
    const answer = answerQuestion(reader, question, stampMs + 2 * hour, allowance);
    const said = answer.kind === 'error' ? `${answer.error.code}: ${answer.error.hint}` : answer.kind;
    return { said, most: allowance.most };
  };
}

test('every question is answered within what it counts, and names what would narrow it where it may take less', async (t) => {
  const ask = await askerOf(t);
  for (const name of Object.keys(questions)) {
    const { said, most } = await ask(name, Number.MAX_SAFE_INTEGER);
    assert.equal(said, 'answer', name);
    assert.ok(most > 100 * workloads * nodes, `${name} counts ${most} bytes`);
    assert.equal((await ask(name, most)).said, 'answer', name);
    for (const bytes of [most - 1, most / 2, most / 100]) {
      const refused = await ask(name, bytes);
      assert.match(refused.said, /^query_too_large: select by namespace \(4 values\) or workload \(6 values\)/, name);
      assert.ok(refused.most <= bytes, `${name} held ${refused.most} of ${bytes} bytes`);
    }
  }
});

test('more to show, and a second side, count as more', async (t) => {
  const ask = await askerOf(t);
  const mostOf = async (name: string): Promise<number> => (await ask(name, Number.MAX_SAFE_INTEGER)).most;
  for (const [more, less] of [
    ['flame graph, all nodes', 'top'],
    ['collapsed', 'top'],
    ['speedscope', 'top'],
    ['flame graph, hide=', 'pprof, hide='],
    ['diff', 'flame graph'],
    ['diff, hide=', 'flame graph, hide='],
    ['diff as pprof', 'pprof'],
  ] as const) {
    const [large, small] = [await mostOf(more), await mostOf(less)];
    assert.ok(large > 1.05 * small, `${more}: ${large} bytes, ${less}: ${small}`);
  }
});
