import type { TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';

/** Mocked time: `pass` moves it on in steps and lets everything that became due run to its next wait. */
export interface TestClock {
  pass(ms: number): Promise<void>;
}

const stepMs = 500;

export function mockClock(t: TestContext, startMs: number): TestClock {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: startMs });
  return {
    async pass(ms) {
      await settle();
      for (let left = ms; left > 0; left -= stepMs) {
        t.mock.timers.tick(Math.min(stepMs, left));
        await settle();
      }
    },
  };
}

/** Lets promises that wait for nothing but each other come to rest. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 3; round++) await turn();
}
