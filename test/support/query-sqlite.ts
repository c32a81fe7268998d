import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteWriter } from '../../src/store/sqlite/writer.ts';
import type { MemoryProfile } from './query-memory-reader.ts';
import { recordOf } from './store-records.ts';

/** A data directory with these profiles in it, removed when it is disposed of. */
export async function storedProfiles(
  profiles: readonly MemoryProfile[],
): Promise<{ readonly dataDir: string } & Disposable> {
  const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-query-'));
  await using writer = openSqliteWriter({
    dataDir,
    minFreeBytes: 0,
    synchronous: 'normal',
    retention: { maxAgeMs: Number.MAX_SAFE_INTEGER, maxBytes: Number.MAX_SAFE_INTEGER },
    now: () => Math.max(0, ...profiles.map(({ stampMs }) => stampMs)),
  });
  const inOrder = profiles.toSorted((a, b) => a.stampMs - b.stampMs);
  const outcomes = writer.append(
    inOrder.map(({ processId, rows, ...profile }) =>
      recordOf({ ...profile, process: processId, slot: processId, samples: Object.fromEntries(rows) }),
    ),
  );
  const refused = outcomes.find(({ kind }) => kind !== 'stored');
  if (refused) throw new Error(`not stored: ${JSON.stringify(refused)}`);
  for (const { processId, endedMs } of inOrder) if (endedMs !== undefined) writer.endProcess(processId, endedMs);
  return { dataDir, [Symbol.dispose]: () => rmSync(dataDir, { recursive: true }) };
}
