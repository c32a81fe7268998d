import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Fills the registry and the digest of the released image into the values of the chart, which has neither:
 *
 *     node .github/release/chart-values.ts VALUES REGISTRY DIGEST
 *
 * Comments and order stay. Throws where the file does not have both lines, once and empty.
 */
const [path = '', registry = '', digest = ''] = process.argv.slice(2);
if (!/^[a-z0-9.:-]+(\/[a-z0-9._-]+)+$/.test(registry))
  throw new Error(`registry ${JSON.stringify(registry)} is no HOST/PATH`);
if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`digest ${JSON.stringify(digest)} is no sha256:…`);
const [before, image, after] = partsOf(readFileSync(path, 'utf8'));
writeFileSync(path, before + filled(filled(image, 'registry', registry), 'digest', digest) + after);

/** The section `image`, and what is around it. */
function partsOf(text: string): readonly [before: string, image: string, after: string] {
  const [found] = [...text.matchAll(/^image:\n(?:[ #].*\n|\n(?= ))+/gm)];
  if (!found) throw new Error(`${path} has no section image`);
  const end = found.index + found[0].length;
  return [text.slice(0, found.index), found[0], text.slice(end)];
}

function filled(section: string, key: string, value: string): string {
  const line = new RegExp(`^  ${key}: ""$`, 'gm');
  const count = [...section.matchAll(line)].length;
  if (count !== 1) throw new Error(`${path}: image.${key} stands ${count} times with an empty value, 1 is needed`);
  return section.replace(line, `  ${key}: ${JSON.stringify(value)}`);
}
