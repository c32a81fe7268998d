import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, integer, nat, property, tuple } from 'fast-check';
import { detailSpan, type FileSpan } from '../../../../src/store/sqlite/compaction/spans.ts';

const hourMs = 3_600_000;
/** 2026-07-31T09:00:00Z */
const hour = Date.UTC(2026, 6, 31, 9) / hourMs;
const mega = 1e6;

/** `detail-20260731.db 00:00-24:00` */
function drawn({ name, fromMs, toMs }: FileSpan): string {
  return `${name} ${new Date(fromMs).toISOString().slice(0, 16)} ${(toMs - fromMs) / hourMs}h`;
}

test('a detail file covers a day while a day fits an eighth of the cap, else six hours, else one', () => {
  const of = (bytesPerHour: number) => drawn(detailSpan(hour, bytesPerHour, 8 * 24 * mega, []));
  assert.equal(of(0), 'detail-20260731.db 2026-07-31T00:00 24h');
  assert.equal(of(mega), 'detail-20260731.db 2026-07-31T00:00 24h');
  assert.equal(of(1.01 * mega), 'detail-20260731T06-6h.db 2026-07-31T06:00 6h');
  assert.equal(of(4 * mega), 'detail-20260731T06-6h.db 2026-07-31T06:00 6h');
  assert.equal(of(4.01 * mega), 'detail-20260731T09-1h.db 2026-07-31T09:00 1h');
  assert.equal(of(1e15), 'detail-20260731T09-1h.db 2026-07-31T09:00 1h');
});

test('a new file is shorter where a longer one would overlap what is there', () => {
  const morning = detailSpan(hour - 8, 4 * mega, 8 * 24 * mega, []);
  assert.equal(drawn(morning), 'detail-20260731T00-6h.db 2026-07-31T00:00 6h');
  assert.equal(drawn(detailSpan(hour, 0, 8 * 24 * mega, [morning])), 'detail-20260731T06-6h.db 2026-07-31T06:00 6h');
  const eight = detailSpan(hour - 1, 1e15, mega, []);
  assert.equal(drawn(detailSpan(hour, 0, 1, [morning, eight])), 'detail-20260731T09-1h.db 2026-07-31T09:00 1h');
});

test('whatever the rates, each hour has exactly one file', () => {
  check(
    property(array(tuple(nat(200), integer({ min: 0, max: 10 })), { maxLength: 60 }), (drawnHours) => {
      const files: FileSpan[] = [];
      const covers = (at: number) => files.filter(({ fromMs, toMs }) => fromMs <= at * hourMs && at * hourMs < toMs);
      for (const [offset, bytesPerHour] of drawnHours) {
        if (covers(hour + offset).length === 0) files.push(detailSpan(hour + offset, bytesPerHour, 8 * 24 * 2, files));
        assert.equal(covers(hour + offset).length, 1);
      }
      assert.equal(new Set(files.map(({ name }) => name)).size, files.length, 'names differ');
      for (let offset = -30; offset < 240; offset++) assert.ok(covers(hour + offset).length <= 1);
    }),
  );
});
