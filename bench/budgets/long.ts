import { day, hour, minute } from '../../src/model/units.ts';
import { openDaemon } from '../daemon.ts';
import { longParts } from '../workload/reference.ts';
import { Asker } from './ask.ts';
import { cpuPerProfile, diskPerProfile, fillStore, moveToRecent } from './fill.ts';
import { dayQuestions, timed } from './questions.ts';
import type { BudgetRow } from './reference-figures.ts';

/** Four services over 24 hours: what it takes to store them, and one service over all of it. */
export async function measureLong(dataDir: string): Promise<BudgetRow[]> {
  const filled = await fillStore(dataDir, longParts, moveToRecent(Date.now()));
  const { fromMs } = filled;
  const daemon = await openDaemon(dataDir);
  const asker = new Asker(daemon);
  const one = '{workload="svc-3"}';
  const inside = { fromMs: fromMs + 13 * minute, toMs: fromMs + day - hour + 11 * minute };
  const answers = await timed(asker, [
    ...dayQuestions('oneServiceDay', '1 service, 24 h (long)', one, { fromMs, toMs: fromMs + day }),
    ...dayQuestions('oneServiceDay', '1 service, unaligned 23 h (long)', one, inside),
  ]);
  asker.close();
  await daemon.stop();
  return [
    {
      name: 'cpu',
      what: 'CPU per profile, all in (long)',
      ours: cpuPerProfile(filled),
    },
    { name: 'disk', what: 'disk per profile (long)', ours: diskPerProfile(dataDir, filled.profiles) },
    ...answers,
  ];
}
