import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The program of the machine, if there is one: that of the PATH, else the one that our tests unpack. */
export function findPrometheus(repository: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), join(repository, 'node_modules/.cache/prometheus')];
  return folders.map((folder) => join(folder, 'prometheus')).find((file) => existsSync(file));
}

/** Its page of alerts: the distribution's Prometheus has the old pages only, and its program alone has none. */
export async function alertsPage(url: string): Promise<string> {
  for (const path of ['/alerts', '/classic/alerts']) {
    const response = await fetch(`${url}${path}`);
    await response.body?.cancel();
    if (response.ok) return `${url}${path}`;
  }
  return `${url}/api/v1/alerts`;
}
