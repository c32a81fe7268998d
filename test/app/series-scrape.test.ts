import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Recording, readRecording, recordingNames } from '../support/app-recording.ts';
import { delayOfKind, onSchedule, scrapeRecording } from '../support/app-scraping.ts';
import { syntheticRecording } from '../support/app-synthetic.ts';
import { assertWindows } from '../support/app-windows.ts';
import { noCorpus } from '../support/corpus.ts';
import { startDaemon, temporaryFolder } from '../support/daemon.ts';

/**
 * A pod that comes is scraped at once and the others some seconds later, so gauges may be off a little, and what stands
 * together for those seconds never stood together at a tick.
 */
const tolerances = { tolerance: 0.02, peakTolerance: 0.05 };

const recordings: readonly (() => Recording)[] = [
  ...recordingNames.map((name) => () => readRecording(name)),
  () => syntheticRecording(3),
];

for (const read of recordings) {
  const recorded = read();
  test(`${recorded.name} scraped from pods of an API server: every window is answered as it must be`, async (t) => {
    if (noCorpus) t.diagnostic(noCorpus);
    const folder = await temporaryFolder(t);
    const scraped = onSchedule(recorded, Date.now() - 60_000);
    await scrapeRecording(t, scraped, folder);
    const daemon = await startDaemon(folder, ['--no-self']);
    t.after(() => daemon.kill());
    const { recording } = scraped;
    const compared = await assertWindows({
      url: daemon.url,
      recording,
      ...tolerances,
      byLabel: true,
      delayOf: delayOfKind,
    });
    assert.ok(compared > 100, `only ${compared} numbers were compared`);
  });
}
