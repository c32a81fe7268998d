import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  acrossAnHour,
  endingBefore,
  type Recording,
  readRecording,
  recordingNames,
  ticksOf,
} from '../support/app-recording.ts';
import { syntheticRecording } from '../support/app-synthetic.ts';
import { type UploadAnswer, uploadsOf } from '../support/app-uploads.ts';
import { assertWindows } from '../support/app-windows.ts';
import { noCorpus } from '../support/corpus.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';

interface Case {
  readonly recording: Recording;
  readonly tolerance: number;
}

/** Recorded ticks are not quite even, so gauges may be off; those made here are. */
function recordings(): readonly Case[] {
  const recorded = recordingNames.map((name) => ({ recording: readRecording(name), tolerance: 0.02 }));
  return [
    ...recorded,
    { recording: syntheticRecording(1), tolerance: 0 },
    { recording: syntheticRecording(2), tolerance: 0 },
  ];
}

async function uploadTick(url: string, recording: Recording, tick: number) {
  const scrapes = ticksOf(recording)[tick] ?? [];
  return Promise.all(scrapes.flatMap((scrape) => uploadsOf(recording, scrape)).map((send) => send(url)));
}

async function uploadTicks(url: string, recording: Recording, from: number, to: number): Promise<void> {
  for (let tick = from; tick < to; tick++) {
    for (const { duplicate } of await uploadTick(url, recording, tick)) assert.equal(duplicate, false);
  }
}

test('recordings replayed by upload: every window is answered as it must be', { concurrency: true }, async (t) => {
  if (noCorpus) t.diagnostic(noCorpus);
  const daemon = await startDaemon(await temporaryFolder(t), ['--no-self']);
  t.after(() => daemon.kill());
  const replay = async ({ recording, tolerance }: Case) => {
    const recent = endingBefore(recording, Date.now() - 60_000);
    await uploadTicks(daemon.url, recent, 0, ticksOf(recent).length);
    const compared = await assertWindows({ url: daemon.url, recording: recent, tolerance, byLabel: true });
    assert.ok(compared > 100, `only ${compared} numbers were compared`);
  };
  await Promise.all(recordings().map((each) => t.test(each.recording.name, () => replay(each))));
});

test('the same with a kill in the middle of the uploads, across the end of an hour', {
  concurrency: true,
}, async (t) => {
  const folder = await temporaryFolder(t);
  let daemon = await startDaemon(folder, ['--no-self']);
  t.after(() => daemon.kill());
  const cases = recordings().map((each) => {
    const recording = acrossAnHour(each.recording, Date.now() - 60_000);
    return { ...each, recording, middle: ticksOf(recording).length >> 1 };
  });
  const acknowledged = await Promise.all(
    cases.map(async ({ recording, middle }) => {
      await uploadTicks(daemon.url, recording, 0, middle - 1);
      return uploadTick(daemon.url, recording, middle - 1);
    }),
  );
  // Nobody hears what becomes of these.
  const unheard = cases.map(({ recording, middle }) => uploadTick(daemon.url, recording, middle));
  const settled = Promise.allSettled(unheard);
  await Promise.race(unheard.map((tick) => tick.catch(() => {})));
  await daemon.kill();
  await settled;

  daemon = await startDaemon(folder, ['--no-self']);
  const goOn = async (
    { recording, tolerance, middle }: (typeof cases)[number],
    before: readonly UploadAnswer[] = [],
  ) => {
    const again = before.map((answer) => ({ ...answer, duplicate: true }));
    assert.deepEqual(await uploadTick(daemon.url, recording, middle - 1), again);
    await uploadTick(daemon.url, recording, middle);
    await uploadTicks(daemon.url, recording, middle + 1, ticksOf(recording).length);
    await assertWindows({ url: daemon.url, recording, tolerance, byLabel: false });
  };
  await Promise.all(cases.map((each, index) => t.test(each.recording.name, () => goOn(each, acknowledged[index]))));
});
