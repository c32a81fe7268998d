import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The program of the machine, if there is one: that of the PATH, else the one that our tests unpack. */
export function findPrometheus(repository: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(repository, 'node_modules/.cache/prometheus')];
  return folders.map((folder) => join(folder, 'prometheus')).find((file) => existsSync(file));
}
