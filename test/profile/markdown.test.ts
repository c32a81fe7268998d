import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callTreeOf } from '../../src/profile/call-tree.ts';
import { markdownOf } from '../../src/profile/markdown.ts';
import { topOf } from '../../src/profile/top.ts';
import { profileFromText } from '../support/profile-from-text.ts';

const cpu = [{ type: 'cpu', unit: 'nanoseconds' }];

test('a top as markdown: the whole, shares of it, and how it came about', () => {
  const profile = profileFromText('main;serve;query 6000000000\nmain;serve 1500000000\nmain;a|b`c 500000000', {
    types: cpu,
  });
  assert.equal(
    markdownOf(topOf(callTreeOf(profile, 0), { limit: 3 }), {
      title: 'cpu of `shop/checkout`',
      notes: ['60 profiles of 3 processes.', 'warning: half of it is missing'],
    }),
    `
**cpu of \`shop/checkout\`: 8 s**

| self | share | total | share | function |
| ---: | ---: | ---: | ---: | --- |
| 6 s | 75.0 % | 6 s | 75.0 % | \`query\` |
| 1.5 s | 18.8 % | 7.5 s | 93.8 % | \`serve\` |
| 500 ms | 6.3 % | 500 ms | 6.3 % | \`\`a\\|b\`c\`\` |

60 profiles of 3 processes.

warning: half of it is missing
`.slice(1),
  );
});

test('ten rows are shown, and what share the others have', () => {
  const text = Array.from({ length: 20 }, (_, at) => `f${at} 5`).join('\n');
  const lines = markdownOf(topOf(callTreeOf(profileFromText(text), 0), { limit: 10 }), { title: 'samples', notes: [] });
  assert.equal(lines.match(/^\| 5 \| 5\.0 % /gm)?.length, 10);
  assert.match(lines, /^\*\*samples: 100\*\*\n[^]*\n\nOther functions: 50\.0 % of self\.\n$/);
});

test('averages are divided; nothing has no table and no shares', () => {
  const average = profileFromText('main 5', { types: [{ type: 'inuse_space', unit: 'bytes' }], divisors: [2] });
  assert.match(markdownOf(topOf(callTreeOf(average, 0)), { title: 'heap', notes: [] }), /\| 2\.5 B \| 100\.0 % \|/);
  const none = profileFromText('main;a 5\nmain;b -5');
  assert.match(markdownOf(topOf(callTreeOf(none, 0)), { title: 'x', notes: [] }), /\| 5 \|\s+\| 5 \|\s+\| `a` \|/);
  const empty = profileFromText('main 0');
  assert.equal(markdownOf(topOf(callTreeOf(empty, 0)), { title: 'x', notes: ['n'] }), '**x: 0**\n\nn\n');
});

test('a unit is a text from outside as well', () => {
  const profile = profileFromText('main 3', { types: [{ type: 'x', unit: '<b>|@team' }] });
  const text = markdownOf(topOf(callTreeOf(profile, 0)), { title: 'x', notes: [] });
  assert.match(text, /^\*\*x: `3 <b>\\\|@team`\*\*\n[^]*\n\| `3 <b>\\\|@team` \| 100\.0 % /);
});
