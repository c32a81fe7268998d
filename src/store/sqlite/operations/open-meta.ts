import { join } from 'node:path';
import { FlameherdError } from '../../../model/errors.ts';
import { fileExists, metaFile } from '../files/data-dir.ts';
import { type Connection, openForReading } from '../files/database.ts';

/** Opens `meta.db` for reading, or throws `not_ready` where there is no store. */
export function openMeta(dataDir: string): Connection {
  if (fileExists(dataDir, metaFile)) return openForReading(join(dataDir, metaFile), 'meta');
  throw new FlameherdError('not_ready', `${dataDir} holds no store: there is no meta.db`, {
    hint: 'name the data directory of the collector with --data DIR',
  });
}
