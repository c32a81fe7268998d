import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StatusAnswer } from '../../../src/ui/api/answers.ts';
import { Problem } from '../../../src/ui/api/problem.ts';
import { noticesOf } from '../../../src/ui/status/notices.ts';
import { well } from './status-answer.ts';

const texts = (status: StatusAnswer | undefined, problem?: Problem) =>
  noticesOf(status, problem).map(({ text, detail }) => `${text}: ${detail}`);

test('nothing is told when all is well, and before anything is known', () => {
  assert.deepEqual(texts(well), []);
  assert.deepEqual(texts(undefined), []);
});

test('it is told that the server is not ready and why, that another scrapes, and that everything is paused', () => {
  const lease = { role: 'standby', lease: 'f/f', holder: 'b', detail: 'b scrapes this cluster' } as const;
  assert.deepEqual(
    texts({ ...well, ready: false, reasons: ['the disk is full', 'listing pods'], lease, pauses: [{}] }),
    [
      'Not ready: the disk is full; listing pods',
      'Standby: b scrapes this cluster',
      'Paused: an operator paused everything; see Targets',
    ],
  );
  assert.deepEqual(texts({ ...well, pauses: [{ namespace: 'shop' }] }), []);
});

test('a server that is gone is told alone', () => {
  const gone = new Problem('the server cannot be reached', { status: 0, code: 'unreachable' });
  assert.match(texts({ ...well, ready: false }, gone).join(), /^The server does not answer: [^,]*$/);
  const refused = new Problem('a token is needed', { status: 401, code: 'unauthorized', hint: 'send one' });
  assert.deepEqual(texts(well, refused), ['The server refuses: a token is needed; send one']);
});
