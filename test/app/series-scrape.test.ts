import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRecording, recordingNames } from '../support/app-recording.ts';
import { delayOfKind, onSchedule, scrapeRecordings } from '../support/app-scraping.ts';
import { syntheticRecording } from '../support/app-synthetic.ts';
import { assertWindows } from '../support/app-windows.ts';
import { noCorpus } from '../support/corpus.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';

/**
 * A pod that comes is scraped at once and the others some seconds later, so gauges may be off a little, and what stands
 * together for those seconds never stood together at a tick.
 */
const tolerances = { tolerance: 0.02, peakTolerance: 0.05 };

test('recordings scraped from the pods of an API server: every window is answered as it must be', async (t) => {
  if (noCorpus) t.diagnostic(noCorpus);
  const folder = await temporaryFolder(t);
  const all = [...recordingNames.map(readRecording), syntheticRecording(3)];
  const endMs = Date.now() - 60_000;
  const recordings = all.map((recording) => onSchedule(recording, endMs));
  await scrapeRecordings(t, recordings, folder);
  const daemon = await startDaemon(folder, ['--no-self']);
  t.after(() => daemon.kill());
  for (const recording of recordings) {
    await t.test(recording.name, async () => {
      const check = { url: daemon.url, recording, ...tolerances, byLabel: true, delayOf: delayOfKind };
      const compared = await assertWindows(check);
      assert.ok(compared > 100, `only ${compared} numbers were compared`);
    });
  }
});
