import { readFileSync } from 'node:fs';

/** The version of this build, from package.json, which lies one level above both `src` and `dist`. */
export const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version;
