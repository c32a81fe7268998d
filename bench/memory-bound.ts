import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PlainError } from '../src/model/errors.ts';
import { hour } from '../src/model/units.ts';
import { answerQuestion } from '../src/query/engine-local.ts';
import { QuestionAllowance } from '../src/query/question-allowance.ts';
import { openSqliteReader } from '../src/store/sqlite/reader.ts';
import { questionsAbout } from '../test/support/large-questions.ts';
import { storeLargeTrees } from '../test/support/large-trees.ts';
import { printTable } from './table.ts';

/**
 * What questions about trees of two million nodes in all hold in memory, as they count it themselves and as the kernel sees it,
 * each in a process of its own, with the bound that the daemon has unless configured, with a small one, and without any:
 *
 *     node bench/memory-bound.ts [workloads] [nodes of each]
 */
const megabyte = 1024 ** 2;
const stampMs = 1_700_000_000_000;
const bounds = [64, 512, 100_000];
const questions = questionsAbout(stampMs);
const script = fileURLToPath(import.meta.url);

interface Measured {
  readonly answer: string;
  readonly countedBytes: number;
  readonly baseBytes: number;
  readonly peakBytes: number;
  readonly cpuMs: number;
}

async function all(workloads: number, nodes: number): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-large-'));
  try {
    await storeLargeTrees(dataDir, { workloads, nodes, stampMs });
    console.log(`${workloads} trees of ${nodes} nodes; MiB\n`);
    const rows = Object.keys(questions).flatMap((name) => bounds.map((bound) => measured(dataDir, name, bound)));
    printTable(['question', 'bound', 'counted', 'RSS grew by', 'CPU ms', 'answer'], rows);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function measured(dataDir: string, name: string, bound: number): string[] {
  const child = spawnSync(process.execPath, [script, '--ask', dataDir, name, String(bound)], { encoding: 'utf8' });
  if (child.status !== 0) return [name, String(bound), '', '', '', child.stderr.slice(0, 200)];
  const { answer, countedBytes, baseBytes, peakBytes, cpuMs } = JSON.parse(child.stdout) as Measured;
  const shown = (bytes: number): string => (bytes / megabyte).toFixed(0);
  return [
    name,
    bound > 10_000 ? '–' : String(bound),
    shown(countedBytes),
    shown(peakBytes - baseBytes),
    cpuMs.toFixed(0),
    answer,
  ];
}

async function ask(dataDir: string, name: string, bound: number): Promise<void> {
  const question = questions[name];
  if (!question) throw new Error(`no question is called ${name}`);
  const allowance = new CountingAllowance(new Int32Array(new SharedArrayBuffer(4)), bound * megabyte);
  allowance.start(1);
  await using reader = openSqliteReader({ dataDir, maxCachedNodes: 2_000_000, allowance });
  reader.stats();
  const baseBytes = resident('VmRSS');
  const before = process.cpuUsage();
  const answer = answerQuestion(reader, question, stampMs + 2 * hour, allowance);
  const { user, system } = process.cpuUsage(before);
  const result: Measured = {
    answer: answer.kind === 'error' ? refusal(answer.error) : `${(answer.body.length / megabyte).toFixed(1)} MiB`,
    countedBytes: allowance.most,
    baseBytes,
    peakBytes: resident('VmHWM'),
    cpuMs: (user + system) / 1000,
  };
  console.log(JSON.stringify(result));
}

/** `too large; namespace, workload, pod would narrow it` */
function refusal({ code, message, hint = '' }: PlainError): string {
  if (code !== 'query_too_large') return message;
  const labels = [...hint.matchAll(/(\w+) \(\d+ values\)/g)].map(([, label]) => label);
  return `too large; ${labels.join(', ')} would narrow it`;
}

/** Remembers the most that was held. */
class CountingAllowance extends QuestionAllowance {
  most = 0;

  override hold(bytes: number): void {
    try {
      super.hold(bytes);
    } finally {
      this.most = Math.max(this.most, this.heldBytes);
    }
  }
}

function resident(line: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes = '0'] = new RegExp(`${line}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

const [first = '20', second = '100000', third = '', fourth = ''] = process.argv.slice(2);
if (first === '--ask') await ask(second, third, Number(fourth));
else await all(Number(first), Number(second));
