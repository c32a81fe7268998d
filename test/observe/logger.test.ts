import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createLogger, type Logger } from '../../src/observe/logger.ts';

/** What a log writes to standard error. */
function written(t: TestContext, format: 'json' | 'text', log: (logger: Logger) => void): string {
  const write = t.mock.method(process.stderr, 'write', () => true);
  try {
    log(createLogger({ level: 'info', format }));
    return write.mock.calls.map(({ arguments: [text] }) => String(text)).join('');
  } finally {
    write.mock.restore();
  }
}

test('as text a line is a time, a level, a sentence and its fields', (t) => {
  const line = written(t, 'text', (logger) =>
    logger.with({ workload: 'shop/checkout' }).warn('port 6060 is not declared', { pods: 3 }),
  );
  assert.match(line, /^\d\d:\d\d:\d\d warn {2}port 6060 is not declared {2}workload=shop\/checkout pods=3\n$/);
});

test('what a target says cannot forge a line', (t) => {
  const line = written(t, 'text', (logger) =>
    logger.info('down\n12:00:00 info all is well\u001b[2J', { said: 'a\nb' }),
  );
  assert.equal(line.split('\n').length, 2);
  assert.ok(!line.includes('\u001b'));
});

test('as JSON a line has its level by name', (t) => {
  const line = JSON.parse(written(t, 'json', (logger) => logger.error('no'))) as Record<string, unknown>;
  assert.equal(line['level'], 'error');
  assert.equal(line['message'], 'no');
});

test('what is below the level is not written', (t) => {
  assert.equal(
    written(t, 'json', (logger) => logger.debug('detail')),
    '',
  );
});

test('a level that is changed counts for all that was made of the log, too', (t) => {
  const write = t.mock.method(process.stderr, 'write', () => true);
  const logger = createLogger({ level: 'warn', format: 'json' });
  const part = logger.with({ part: 'scrape' });
  part.info('before');
  logger.setLevel('debug');
  part.debug('between');
  logger.setLevel('error');
  part.warn('after');
  const texts = write.mock.calls.map(({ arguments: [text] }) => String(text)).join('');
  write.mock.restore();
  assert.match(texts, /^\{[^\n]*"part":"scrape"[^\n]*"message":"between"\}\n$/);
});
