import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { writerOn } from '../../support/store-dirs.ts';
import { at, gauge } from '../../support/store-questions.ts';
import { recordOf } from '../../support/store-records.ts';

/** Runs on a mount of its own that turns read-only between two starts. */

const [mount = ''] = process.argv.slice(2);
const dataDir = join(mount, 'data');
const refusal = { code: 'storage_read_only', message: /data cannot be written: .*read.?only/i };
{
  await using writer = writerOn(dataDir);
  writer.append([recordOf(gauge(at(0), 5))]);
}
assert.equal(spawnSync('mount', ['-o', 'remount,ro', mount]).status, 0);
assert.throws(() => writerOn(dataDir), refusal);
process.stdout.write('done\n');
