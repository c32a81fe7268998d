import { test } from 'node:test';
import { allowedBy } from '../../src/config/faults.ts';
import { configKeys } from '../../src/config/keys.ts';
import { isLive } from '../../src/config/reload.ts';
import { assertGeneratedPart } from '../support/golden.ts';

test('docs/CONFIG.md lists every key of the schema with its variable, default, how a change comes in force, and meaning', () => {
  const rows = configKeys.map(({ path, variable, schema }) => {
    const fallback = typeof schema.default === 'string' ? schema.default || '(empty)' : JSON.stringify(schema.default);
    const change = isLive(path) ? 'reload' : 'restart';
    return `| \`${path}\` | \`${variable}\` | \`${fallback}\` | ${change} | ${schema.description ?? ''} Takes ${allowedBy(schema)}. |\n`.replaceAll(
      '(^|/)(pprof|fgprof)(/|$)',
      '(^\\|/)(pprof\\|fgprof)(/\\|$)',
    );
  });
  const page = new URL('../../docs/CONFIG.md', import.meta.url);
  assertGeneratedPart(
    page,
    'keys',
    `| key | environment | default | change | meaning |\n|---|---|---|---|---|\n${rows.join('')}`,
  );
});
