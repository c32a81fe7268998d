import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { assertNever, FlameherdError, messageOf } from '../model/errors.ts';
import { joinSelfProfile } from '../observe/self-profile-worker.ts';
import { openSqliteGrowth } from '../store/sqlite/growth/growth.ts';
import { Choices, denyRules } from './choices.ts';
import { createDetector } from './detector/detector.ts';
import { historyBuckets } from './detector/options.ts';
import { Evaluation } from './evaluation.ts';
import type {
  EvaluateAnswer,
  EvaluateAsk,
  GrowthCall,
  GrowthCallName,
  GrowthCalls,
  GrowthReply,
  GrowthThreadSettings,
  JudgingChoices,
  ReplayAsk,
} from './messages.ts';
import { replay } from './replay.ts';

/** A growth thread: evaluates bucket after bucket, or judges what is stored again. Answers one call after the other. */

/** Between two commits of an evaluation, about; a run that takes longer than the second goes on with the next one. */
const commitMs = 100;
const runMs = 3_000;
/** How long a back-test goes on before it looks whether somebody still waits for it. */
const replayMs = 20;

joinSelfProfile('growth');
const port = parentPort;
if (!port) throw new Error('the growth worker runs as a worker thread only');
const reply = (message: GrowthReply): void => port.postMessage(message);

const settings = workerData as GrowthThreadSettings;
const { dataDir, synchronous, bounds } = settings;
const store = openSqliteGrowth({ dataDir, synchronous });
const fold = { createDetector, settings: settings.detector };
let evaluation: Evaluation | undefined;
let isStopping = false;
const cancelled = new Set<number>();
// One chain: a call begins when the one before has ended.
let queue = Promise.resolve();

port.on('message', (call: GrowthCall) => {
  if (call.name === 'cancel') cancelled.add(call.id);
  else if (call.name === 'stop') {
    isStopping = true;
    queue = queue.then(() => store[Symbol.asyncDispose]()).then(() => port.close());
  } else queue = queue.then(() => serve(call));
});

type Call = Exclude<GrowthCall, { name: 'cancel' | 'stop' }>;

async function serve(call: Call): Promise<void> {
  try {
    reply({ kind: 'answer', id: call.id, answer: await answer(call) });
  } catch (error) {
    const plain = error instanceof FlameherdError ? error.toPlain() : undefined;
    reply({ kind: 'failed', id: call.id, error: plain ?? { code: 'internal', message: messageOf(error) } });
  } finally {
    // Ids rise, and calls are answered in their order.
    for (const id of cancelled) if (id <= call.id) cancelled.delete(id);
  }
}

async function answer(call: Call): Promise<GrowthCalls[GrowthCallName]['answer']> {
  switch (call.name) {
    case 'evaluate':
      return evaluate(call.ask);
    case 'replay':
      return judgeAgain(call.id, call.ask);
    case 'saveProfiles':
      store.saveEventProfiles(call.ask.event, call.ask.windows, call.ask.profiles);
      return undefined;
    case 'prune':
      return store.prune(call.ask.olderThanMs, call.ask.eventsOlderThanMs);
    default:
      return assertNever(call);
  }
}

async function evaluate({ throughBucket, choices }: EvaluateAsk): Promise<EvaluateAnswer> {
  const cpu = threadCpu();
  const begunMs = performance.now();
  let committedMs = begunMs;
  evaluation ??= new Evaluation({ ...fold, store, historyBuckets, bounds });
  const report = await evaluation.run({
    throughBucket,
    choices: choicesOf(choices),
    onJudged: (judged) => reply({ kind: 'judged', ...judged }),
    isDue: () => performance.now() - committedMs >= commitMs,
    rest: async () => {
      await setImmediate();
      committedMs = performance.now();
      return isStopping || committedMs - begunMs >= runMs;
    },
  });
  return { ...report, cpuMs: cpu() };
}

async function judgeAgain(
  id: number,
  { filter, window, choices }: ReplayAsk,
): Promise<GrowthCalls['replay']['answer']> {
  let restedMs = performance.now();
  const rest = async (): Promise<void> => {
    if (performance.now() - restedMs < replayMs) return;
    await setImmediate();
    restedMs = performance.now();
    if (isStopping || cancelled.has(id)) throw new Error('nobody waits for it any more');
  };
  // It may have been given up while it waited for its turn.
  if (cancelled.has(id)) throw new Error('nobody waits for it any more');
  return replay(filter, window, { ...fold, store, choices: choicesOf(choices), rest });
}

function choicesOf({ deny, live }: JudgingChoices): Choices {
  return new Choices(denyRules(deny), live);
}

/** CPU time of this thread since now; of the whole process where Node.js cannot tell them apart. */
function threadCpu(): () => number {
  const used = (): number => {
    const { user, system } = process.threadCpuUsage ? process.threadCpuUsage() : process.cpuUsage();
    return (user + system) / 1000;
  };
  const before = used();
  return () => used() - before;
}
