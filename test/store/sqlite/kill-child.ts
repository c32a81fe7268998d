import { writerOn } from '../../support/store-dirs.ts';
import { at } from '../../support/store-questions.ts';
import { recordOf } from '../../support/store-records.ts';

/**
 * Appends batch after batch until it is killed, and says after each commit what it holds. Arguments: the data directory
 * and the number of the first batch, which is appended again when it was there already.
 */

const [dataDir = '', first = '0'] = process.argv.slice(2);
const processes = ['a', 'b', 'c'];

const writer = writerOn(dataDir);
for (let batch = Number(first); ; batch++) {
  const records = processes.map((id) =>
    recordOf({
      process: id,
      stampMs: at(0) + batch * 20_000,
      samples: { 'main;always': [1, 0], [`main;batch;n${batch % 400}`]: [1, 0] },
    }),
  );
  const kinds = writer.append(records).map((outcome) => outcome.kind);
  process.stdout.write(`${batch} ${kinds.join(' ')}\n`);
}
