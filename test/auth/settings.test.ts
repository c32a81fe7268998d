import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionsAreHidden, metricsAsk } from '../../src/app/metrics-rule.ts';
import { ingestOptions } from '../../src/app/settings.ts';
import { configOf } from '../../src/config/load.ts';
import { wantedCapabilities } from '../../src/kubernetes/wanted-capabilities.ts';

const header = { mode: 'header', header: { secretFile: '/secret' } };

for (const [auth, message] of [
  [{ mode: 'token' }, /auth\.tokenFile: is empty, and auth\.mode is token: name a file with lines of ROLE:TOKEN/],
  [{ metrics: 'on' }, /auth\.metrics: is on, and auth\.mode is none: with on it is token, kubernetes or header/],
  [
    { mode: 'kubernetes', kubernetes: { audiences: [] } },
    /auth\.kubernetes\.audiences: is empty, and auth\.mode is kubernetes: name at least one/,
  ],
  [
    { mode: 'kubernetes', kubernetes: { audiences: ['flameherd', ' '] } },
    /auth\.kubernetes\.audiences: \["flameherd"," "\] has an empty entry/,
  ],
  [{ mode: 'header' }, /auth\.header\.secretFile: is empty, and auth\.mode is header/],
  [
    { mode: 'header', header: { secretFile: '/secret', user: 'X User' } },
    /auth\.header\.user: "X User" is no name of a header: such as X-Forwarded-User/,
  ],
  [
    { mode: 'header', header: { secretFile: '/secret', groups: 'x-forwarded-user' } },
    /auth\.header: user, groups and secretHeader are .*: three names that differ/,
  ],
  [{ kubernetes: { rememberAllowed: '2h' } }, /auth\.kubernetes\.rememberAllowed: 2h is not between 1s and 1h/],
  [{ kubernetes: { rememberDenied: '500ms' } }, /auth\.kubernetes\.rememberDenied: 500ms is not between 1s and 1h/],
] as const) {
  test(`refused: auth: ${JSON.stringify(auth)}`, () => {
    assert.throws(() => configOf([{ auth }]), { code: 'bad_config', message });
  });
}

test('the defaults of each mode need one key at most', () => {
  for (const auth of [{}, { mode: 'token', tokenFile: '/tokens' }, { mode: 'kubernetes' }, header]) {
    assert.doesNotThrow(() => configOf([{ auth }]));
  }
});

for (const [auth, asks, functions] of [
  [{}, false, 10],
  [{ mode: 'token', tokenFile: '/tokens' }, false, 10],
  [{ mode: 'token', tokenFile: '/tokens', metrics: 'on' }, true, 10],
  [{ mode: 'kubernetes' }, true, 10],
  [{ mode: 'kubernetes', metrics: 'off' }, false, 0],
  [header, true, 10],
  [{ ...header, metrics: 'on' }, true, 10],
  [{ ...header, metrics: 'off' }, false, 0],
] as const) {
  const what = `/metrics ${asks ? 'asks who calls' : 'is open'}${functions === 0 ? ' and tells of no functions' : ''}`;
  test(`with auth: ${JSON.stringify(auth)} ${what}`, () => {
    const { config } = configOf([{ auth }]);
    assert.equal(metricsAsk(config), asks);
    assert.equal(functionsAreHidden(config), functions === 0);
    assert.equal(ingestOptions(config).growth.metricFunctions, functions);
  });
}

for (const [auth, isAsked] of [
  [{}, false],
  [{ mode: 'kubernetes' }, true],
  [header, true],
  [{ mode: 'header', header: { secretFile: '/secret', authorize: 'read' } }, false],
] as const) {
  test(`the right to make reviews is ${isAsked ? '' : 'not '}asked for with auth: ${JSON.stringify(auth)}`, () => {
    assert.equal(wantedCapabilities(configOf([{ auth }]).config, false).includes('auth'), isAsked);
  });
}
