import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Packages of which something is in the scripts of the pages. */
const packages = ['preact', 'uplot'] as const;

/** Their licences, which whoever hands out copies must hand out too; scripts are packed without comments. */
export function licencesText(): string {
  return packages
    .map((name) => {
      const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`);
      const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string };
      return `${name} ${version}\n\n${readFileSync(join(dirname(manifest), 'LICENSE'), 'utf8').trim()}\n`;
    })
    .join(`\n${'-'.repeat(72)}\n\n`);
}
