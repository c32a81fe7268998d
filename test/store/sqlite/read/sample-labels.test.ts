import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asyncProperty, assert as check } from 'fast-check';
import { type ProfileReader, sampleLabelBounds } from '../../../../src/store/profile-store.ts';
import { SampleLabels } from '../../../../src/store/sqlite/read/sample-labels.ts';
import { openSqliteReader } from '../../../../src/store/sqlite/reader.ts';
import {
  matchersOf,
  type StoryQuestion,
  stories,
  storyQuestions,
  storyStartMs,
  tellStory,
  windowOf,
} from '../../../support/store-arbitrary.ts';
import { compactAll } from '../../../support/store-compaction.ts';
import { storeDir, writerOn } from '../../../support/store-dirs.ts';

test('of more labels or values than the bounds, the first by name are listed, in whatever order they come', () => {
  const { labels, values } = sampleLabelBounds;
  const named = (number: number): string => String(number).padStart(8, '0');
  const shuffled = (count: number): number[] => Array.from({ length: count }, (_, at) => (at * 7919) % count);
  const found = new SampleLabels();
  found.add(shuffled(3 * values + 1).map((number) => [{ key: '!', text: named(number) }]));
  found.add(shuffled(3 * labels + 1).map((number) => [{ key: named(number), number: 1n, unit: '' }]));
  const list = found.result();
  const first = (count: number): string[] => Array.from({ length: count }, (_, at) => named(at));
  assert.deepEqual(list.get('!'), first(values));
  assert.deepEqual([...list.keys()], ['!', ...first(labels - 1)]);
});

test('bounds hold memory, too', () => {
  let held = 0;
  const most = { hold: (bytes: number) => (held += bytes) };
  const labels = new SampleLabels();
  for (let number = 100_000; number > 0; number--) labels.add([[{ key: 'span', text: `span ${number}` }]], most);
  assert.ok(held > 1e6 && held < 3e6, `${held} bytes`);
});

test('every label of a merge is listed, and the list is the same from heads, chunks and roll-ups', async () => {
  await check(
    asyncProperty(stories, storyQuestions, async (events, questions) => {
      const dataDir = storeDir();
      await using writer = writerOn(dataDir, { maxPartitionSize: 7 });
      await using reader = openSqliteReader({ dataDir, maxCachedNodes: 5, maxOpenFiles: 3 });
      tellStory(writer, events);
      const fromHeads = questions.map((question) => listed(reader, question));
      await compactAll(writer, dataDir, storyStartMs + 1_000 * 3_600_000);
      for (const [at, question] of questions.entries()) assert.deepEqual(listed(reader, question), fromHeads[at]);
    }),
    { numRuns: 6 },
  );
});

function listed(reader: ProfileReader, question: StoryQuestion): ReadonlyMap<string, readonly string[]> {
  const { kind, type, unit } = question.kind;
  const selector = { kind, matchers: matchersOf(question.matcher) };
  const window = windowOf(question);
  const labels = reader.sampleLabels(selector, window);
  // Of gauges, what only stands in the window is merged, though its series has no profile there.
  if (kind !== 'cpu') return labels;
  const { stacks } = reader.merge({ selector, window, aggregation: 'avg', peakType: { type, unit } }).profile;
  for (let row = 0; row < stacks.size; row++) {
    for (const label of stacks.stack(row).labels) {
      if ('text' in label) assert.ok(labels.get(label.key)?.includes(label.text), `${label.key}=${label.text}`);
      else assert.ok(labels.has(label.key));
    }
  }
  return labels;
}
