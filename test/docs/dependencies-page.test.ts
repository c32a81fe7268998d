import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  type Dependency,
  dependencies,
  installedBytes,
  type LockedPackage,
  locked,
  shippedPaths,
} from '../support/dependency-list.ts';

const page = new URL('../../docs/DEPENDENCIES.md', import.meta.url);
const all = dependencies();

test('every package in package.json has a reason in docs/decisions/0002-packages.md', () => {
  const without = all.filter(({ reason }) => reason === undefined).map(({ name }) => name);
  assert.deepEqual(without, [], 'write why it is there, and which folder imports it');
});

/** Sizes are those of the machine on which the page was made, and versions move with the lock file. */
test('docs/DEPENDENCIES.md lists every package with its reason', () => {
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(page, updated());
  const listed = [...readFileSync(page, 'utf8').matchAll(/^\| `(.+?)` \| .* \| (.+?) \|$/gm)];
  assert.deepEqual(
    listed.map(([, name, reason]) => `${name}: ${reason}`),
    all.map(({ name, reason }) => `${name}: ${reason}`),
    'UPDATE_GOLDEN=1 node --test test/docs/dependencies-page.test.ts',
  );
});

test('what is installed for those who run the program has a licence that lets them', () => {
  const permissive =
    /^(MIT(-0)?|ISC|BSD-[23]-Clause|Apache-2\.0|0BSD|BlueOak-1\.0\.0|Python-2\.0|PSF-2\.0|Unlicense|CC0-1\.0)$/;
  const other = shippedPaths().filter((path) => {
    const parts = licenceOf(path)
      .replaceAll(/[()]/g, '')
      .split(/ (?:OR|AND) /);
    return !parts.every((part) => permissive.test(part));
  });
  assert.deepEqual(other, []);
});

function updated(): string {
  const text = readFileSync(page, 'utf8');
  return [
    ['shipped', table(all.filter(({ isForDevelopment }) => !isForDevelopment))],
    ['development', table(all.filter(({ isForDevelopment }) => isForDevelopment))],
    ['whole', whole()],
  ].reduce(
    (made, [name, content]) =>
      made.replace(
        new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`),
        (_, begin: string, end: string) => {
          return `${begin}${content}\n${end}`;
        },
      ),
    text,
  );
}

function table(rows: readonly Dependency[]): string {
  return [
    '| package | version | licence | MB | brings along | why |',
    '|---|---|---|--:|---|---|',
    ...rows.map(({ name, version, license, bytes, brings, bringsBytes, reason }) => {
      const more = brings.length === 0 ? '–' : `${brings.length}, ${megabytes(bringsBytes)} MB`;
      return `| \`${name}\` | ${version} | ${license} | ${megabytes(bytes)} | ${more} | ${reason} |`;
    }),
  ].join('\n');
}

function whole(): string {
  const shipped = shippedPaths();
  const bytes = shipped.reduce((sum, path) => sum + installedBytes(path), 0);
  const licences = Map.groupBy(shipped, licenceOf);
  const counts = [...licences]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([licence, paths]) => `${licence} ${paths.length}`);
  const scripts = shipped.filter((path) => lockedAt(path).hasInstallScript);
  const names = scripts.map((path) => `\`${path.replace(/.*node_modules\//, '')}\``).join(', ') || 'none';
  return [
    `- ${shipped.length} packages, ${megabytes(bytes)} MB installed with \`npm ci --omit=dev\` on Linux x64, before the image is pruned.`,
    `- Licences: ${counts.join(', ')}.`,
    `- Install scripts: ${names}. None is needed: images and releases are installed with \`--ignore-scripts\`.`,
  ].join('\n');
}

function lockedAt(path: string): LockedPackage {
  return locked.get(path) ?? assert.fail(`${path} is not locked`);
}

function licenceOf(path: string): string {
  return lockedAt(path).license ?? 'unknown';
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1);
}
