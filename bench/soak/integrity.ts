import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** The databases of a folder that SQLite finds fault with. Nobody else may have them open. */
export function damagedFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.db'))
    .filter((name) => {
      const database = new Database(join(folder, name));
      try {
        return database.pragma('integrity_check', { simple: true }) !== 'ok';
      } finally {
        database.close();
      }
    });
}
