import type { Pacer } from './pacer.ts';

const retryMs = 100;
/** A question takes a minute at most. */
const mostTries = 900;

/** Brings what is committed to a file to the disk. Waits for readers that are in the way; throws when some always are. */
export async function synced(name: string, file: { checkpoint(): boolean }, pacer: Pacer): Promise<void> {
  for (let tries = 0; !file.checkpoint(); tries++) {
    if (tries === mostTries) throw new Error(`${name} cannot be synced to the disk: it is being read all the time`);
    await pacer.wait(retryMs);
  }
}
