import { day, hour, minute, type UnixMs } from '../../src/model/units.ts';
import { bytesOfStore, hourOf } from '../../src/store/sqlite/files/data-dir.ts';
import { openDaemon, readyAfterMs } from '../daemon.ts';
import { Asker } from './ask.ts';
import { hoursAfter, keptHead, settleStore } from './fill.ts';
import { dayQuestions, exportQuestions, oneService, timed } from './questions.ts';
import type { BudgetRow } from './reference-figures.ts';
import { replayHour } from './replay.ts';

/**
 * The hour of a filled store again and again until the end of the next UTC day, then whole days and unaligned ones of all
 * services over HTTP, and how soon a daemon is ready on a store of that size.
 */
export async function measureDays(
  dataDir: string,
  heads: string,
  fromMs: UnixMs,
  services: number,
): Promise<BudgetRow[]> {
  const hours = hoursAfter(fromMs);
  replayHour(dataDir, keptHead(heads, fromMs), hourOf(fromMs), hours);
  await settleStore(dataDir);
  const dayMs = (Math.floor(fromMs / day) + 1) * day;
  const utcDay = { fromMs: dayMs, toMs: dayMs + day };
  const unalignedMs = fromMs + hour + 23 * minute;
  const unaligned = { fromMs: unalignedMs, toMs: unalignedMs + day };
  const all = `${services} services`;
  const questions = [
    ...dayQuestions('oneServiceDay', '1 service, UTC day', `{workload="${oneService}"}`, utcDay),
    ...exportQuestions('1 service, UTC day', `{workload="${oneService}"}`, utcDay),
    ...dayQuestions('utcDay', `${all}, UTC day`, '', utcDay),
    ...dayQuestions('unalignedDay', `${all}, unaligned 24 h`, '', unaligned),
  ];
  const daemon = await openDaemon(dataDir);
  const asker = new Asker(daemon);
  const rows = await timed(asker, questions);
  asker.close();
  await daemon.stop();
  const readyMs = await readyAfterMs(dataDir, 5);
  const gigabytes = (bytesOfStore(dataDir) / 1e9).toFixed(1);
  rows.push({
    name: 'readyLarge',
    what: `ready on a store of ${gigabytes} GB`,
    ours: `${(readyMs / 1000).toFixed(2)} s`,
  });
  return rows;
}
