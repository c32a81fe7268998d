import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Starts the Chromium of this machine: that of CHROMIUM, else the first on the PATH. Throws how to get one. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    // Root has no sandbox, as in a container; the pages are our own.
    chromiumSandbox: false,
    args: ['--force-color-profile=srgb', '--font-render-hinting=none', '--disable-dev-shm-usage'],
  });
}

export function chromiumPath(): string {
  const given = process.env['CHROMIUM'];
  if (given) return given;
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram);
  if (found) return found;
  throw new Error(
    `no Chromium: none of ${names.join(', ')} is on the PATH; run npm run test:ui:install (apt-get install chromium), or set CHROMIUM to one`,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
