import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { openSqliteReader } from '../../../src/store/sqlite/reader.ts';
import { writerOn } from '../../support/store-dirs.ts';
import { at, gauge, merged } from '../../support/store-questions.ts';
import { recordOf } from '../../support/store-records.ts';

/** Runs without the rights of root, on a folder of its own that it may not write for a while. */

const [dataDir = ''] = process.argv.slice(2);
await using writer = writerOn(dataDir);
await using reader = openSqliteReader({ dataDir });
writer.append([recordOf(gauge(at(0), 5))]);
chmodSync(dataDir, 0o500);
// The next hour needs a file of its own.
const refusal = { code: 'storage_read_only', message: /cannot be written: / };
assert.throws(() => writer.append([recordOf(gauge(at(61), 6))]), refusal);
assert.match(writer.stats().fullBecause ?? '', /cannot be written/);
assert.deepEqual(merged(reader, 0, 1).values, { 'main;hold': 5 });
chmodSync(dataDir, 0o700);
await setTimeout(1100);
assert.equal(writer.append([recordOf(gauge(at(61), 6))])[0]?.kind, 'stored');
assert.deepEqual(merged(reader, 61, 62).values, { 'main;hold': 6 });
process.stdout.write('done\n');
