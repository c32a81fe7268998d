import { test } from 'node:test';
import { allowedBy } from '../../src/config/faults.ts';
import { configKeys } from '../../src/config/keys.ts';
import { isLive } from '../../src/config/reload.ts';
import { assertGeneratedPart } from '../support/golden.ts';

test('docs/CONFIG.md lists every key of the schema with its variable, default and meaning', () => {
  const rows = configKeys.map(({ path, variable, schema }) => {
    const fallback = typeof schema.default === 'string' ? schema.default || '(empty)' : JSON.stringify(schema.default);
    return `| \`${path}\` | \`${variable}\` | \`${fallback}\` | ${schema.description ?? ''} Takes ${allowedBy(schema)}. |\n`.replaceAll(
      '(^|/)(pprof|fgprof)(/|$)',
      '(^\\|/)(pprof\\|fgprof)(/\\|$)',
    );
  });
  const page = new URL('../../docs/CONFIG.md', import.meta.url);
  assertGeneratedPart(page, 'keys', `| key | environment | default | meaning |\n|---|---|---|---|\n${rows.join('')}`);
});

test('docs/CONFIG.md lists the keys that are in force from a reload on', () => {
  const rows = configKeys.filter(({ path }) => isLive(path)).map(({ path }) => `- \`${path}\`\n`);
  const page = new URL('../../docs/CONFIG.md', import.meta.url);
  assertGeneratedPart(page, 'live', rows.join(''));
});
