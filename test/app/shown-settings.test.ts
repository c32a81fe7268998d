import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shownSettings } from '../../src/app/shown-settings.ts';
import { configOf } from '../../src/config/load.ts';

test('settings are shown by their keys, as they are written: another value of a key shows', () => {
  const { config } = configOf([{ storage: { retention: '14d', maxBytes: '50GiB' }, scrape: { interval: '30s' } }]);
  const shown = shownSettings(config);
  assert.equal(shown['storage.retention'], '14d');
  assert.equal(shown['storage.maxBytes'], '50GiB');
  assert.equal(shown['scrape.interval'], '30s');
  assert.equal(shown['limits.targets'], '10000');
});

test('each key that is shown is one of the configuration', () => {
  const { config } = configOf([]);
  for (const key of Object.keys(shownSettings(config))) {
    const [section = '', name = ''] = key.split('.');
    assert.ok(name in (config[section as keyof typeof config] as object), key);
  }
});
