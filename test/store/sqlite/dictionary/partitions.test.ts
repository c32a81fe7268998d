import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { hour } from '../../../../src/model/units.ts';
import { CatalogueWriter } from '../../../../src/store/sqlite/catalogue/catalogue-writer.ts';
import { Partitions } from '../../../../src/store/sqlite/dictionary/partitions.ts';
import { storeDir } from '../../../support/store-dirs.ts';
import { stackFromText } from '../../../support/store-records.ts';

/** Which id a stack has in a partition that profiles are written to, by the bounds that it is kept within. */
class Written implements Disposable {
  readonly partitions: Partitions;
  readonly #catalogue = new CatalogueWriter(storeDir(), 'normal');

  constructor(maxBytes: number) {
    this.partitions = new Partitions(this.#catalogue.partitions, maxBytes, 12);
  }

  idsOf(workload: string, stacks: readonly number[]): unknown {
    return this.#catalogue.transaction(() => {
      const { interner, row } = this.partitions.forWriting(workload, 1, 1);
      const ids = stacks.map((stack) => {
        const known = interner.find(stack, 1);
        return known >= 0 ? known : interner.add(stack, 1, stackFromText(`main;f${stack % 3};g${stack}`));
      });
      this.partitions.saveSegments();
      return { epoch: row.epoch, ids };
    });
  }

  [Symbol.dispose](): void {
    this.#catalogue.close();
  }
}

const workloads = ['cart', 'checkout', 'search'];
const steps = fc.array(
  fc.oneof(
    fc.record({
      workload: fc.constantFrom(...workloads),
      stacks: fc.array(fc.nat(20), { minLength: 1, maxLength: 5 }),
    }),
    fc.record({ afterHours: fc.constantFrom(0.5, 1, 3, -2) }),
  ),
  { maxLength: 30 },
);

test('partitions that were let go of, for room or for idleness, give the same ids as if they never were', () => {
  const property = fc.property(steps, (all) => {
    using kept = new Written(Infinity);
    using bounded = new Written(4000);
    using none = new Written(0);
    let nowMs = 100 * hour;
    for (const step of all) {
      if ('afterHours' in step) {
        nowMs += step.afterHours * hour;
        for (const { partitions } of [bounded, none]) partitions.dropIdle(nowMs);
        continue;
      }
      const ids = kept.idsOf(step.workload, step.stacks);
      assert.deepEqual(bounded.idsOf(step.workload, step.stacks), ids);
      assert.deepEqual(none.idsOf(step.workload, step.stacks), ids);
      assert.ok(bounded.partitions.bytes <= 4000);
      assert.equal(none.partitions.bytes, 0);
    }
  });
  fc.assert(property, { numRuns: 60 });
});

test('a partition without a profile for an hour or two is let go of; one that is written to stays', () => {
  using written = new Written(Infinity);
  written.idsOf('steady', [1]);
  const alone = written.partitions.bytes;
  written.idsOf('gone', [1]);
  for (let half = 0; half <= 5; half++) {
    assert.equal(written.partitions.bytes, half < 5 ? 2 * alone : alone, `after ${half / 2} h`);
    written.idsOf('steady', [1]);
    written.partitions.dropIdle(((half + 1) * hour) / 2);
  }
});
