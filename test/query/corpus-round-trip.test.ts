import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { defaultPipelineLimits } from '../../src/ingest/defaults.ts';
import type { PipelineLimits } from '../../src/ingest/pipeline.ts';
import type { Frame } from '../../src/model/frame.ts';
import { parseSelector } from '../../src/model/matcher.ts';
import { formatProfileType, inferKind, normaliseSampleType, profileTypeOf } from '../../src/model/profile-type.ts';
import type { DecodedProfile } from '../../src/pprof/decoded-profile.ts';
import type { ProfileReader } from '../../src/store/profile-store.ts';
import { openSqliteReader } from '../../src/store/sqlite/reader.ts';
import { openSqliteState } from '../../src/store/sqlite/state.ts';
import { openSqliteWriter } from '../../src/store/sqlite/writer.ts';
import { canonicalTextOfDecoded } from '../support/canonical-text.ts';
import { corpusFile, corpusJson, noCorpus, realIndex } from '../support/corpus.ts';
import { framesInUse } from '../support/frames-in-use.ts';
import { jobOf, openPipeline } from '../support/ingest-pipeline.ts';
import { decode, readProfile } from '../support/pprof-decode.ts';
import { askBody, mergeQuestion, minuteMs, noonMs } from '../support/query-ask.ts';
import { compactAll } from '../support/store-compaction.ts';

/** The only file with a label that is as good as unique: `profile_id`, 432 texts on 480 samples. */
const withUniqueLabel = 'pyroscope-go-cpu-labels.pb.gz';
/** The bounds of labels are the only ones that a file of the corpus is over. */
const { symbols } = defaultPipelineLimits;
const everyLabel = { symbols: { ...symbols, labels: { ...symbols.labels, values: 1_000, droppedKeys: [] } } };
const nowMs = noonMs + 180 * minuteMs;
const folders: string[] = [];
after(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

interface Oracle {
  readonly canon: { readonly sha256: string; readonly stored?: string };
  readonly summary: {
    readonly default_sample_type: string;
    readonly period_type: { readonly type: string; readonly unit: string } | null;
    readonly period: string;
    readonly time_nanos: string;
    readonly duration_nanos: string;
    readonly drop_frames: string;
    readonly keep_frames: string;
    readonly doc_url: string;
    readonly comments: readonly string[] | null;
  };
}

interface StoredFile {
  readonly file: string;
  readonly id: string;
  /** As a person would type it. */
  readonly query: string;
  readonly oracle: Oracle;
}

/** The corpus in a real store: all files as processes of one workload, which share its tree, or each as its own. */
function storeCorpus(workloads: 'one' | 'each', limits: Partial<PipelineLimits>, only?: string) {
  const dataDir = mkdtempSync(join(tmpdir(), 'flameherd-round-trip-'));
  folders.push(dataDir);
  const retention = { maxAgeMs: 1e13, maxBytes: 1e13 };
  const writer = openSqliteWriter({ dataDir, minFreeBytes: 0, synchronous: 'normal', retention, now: () => nowMs });
  const pipeline = openPipeline(writer, openSqliteState({ dataDir, synchronous: 'normal' }), limits);
  const files = realIndex().files.filter(({ file, expected }) => expected === 'accept' && file === (only ?? file));
  const stored = files.map(({ file }): StoredFile => {
    const bytes = corpusFile('real', file);
    const { sampleTypes, periodType } = decode(bytes);
    const kind = inferKind(sampleTypes, periodType) ?? 'custom';
    const [outcome] = pipeline.ingest([
      jobOf({
        bytes,
        kind,
        stampMs: noonMs,
        labels: { namespace: 'corpus', workload: workloads === 'one' ? 'all' : file, pod: file },
        process: { id: file, slot: file, startedMs: undefined },
        origin: 'upload',
        // One profile of a counter alone says nothing: it would only be where counting begins.
        asDelta: true,
      }),
    ]);
    assert.ok(outcome?.kind === 'stored' && outcome.trimmed === 0, `${file}: ${JSON.stringify(outcome)}`);
    const type = profileTypeOf(kind, normaliseSampleType(kind, sampleTypes[0] ?? { type: '', unit: '' }), periodType);
    const query = `${formatProfileType(type)}{pod="${file}"}`;
    return { file, id: outcome.id, query, oracle: corpusJson('oracle', `${file}.json`) as Oracle };
  });
  return { dataDir, writer, stored };
}

function mergeOf(query: string) {
  const window = { fromMs: noonMs, toMs: noonMs + minuteMs };
  return mergeQuestion('cpu', { selector: parseSelector(query), window, aggregation: 'last', format: 'pprof' });
}

/** The canonical text with the names that sample types of other runtimes are stored by: `sample`, `objects`, `space`. */
function assertSameText(decoded: DecodedProfile, { file, oracle: { canon } }: StoredFile, how: string): void {
  const text = canonicalTextOfDecoded(decoded);
  if (createHash('sha256').update(text).digest('hex') === canon.sha256) return;
  const given = decode(corpusFile('real', file));
  const kind = inferKind(given.sampleTypes, given.periodType) ?? 'custom';
  const renamed = { ...given, sampleTypes: given.sampleTypes.map((type) => normaliseSampleType(kind, type)) };
  assert.notDeepEqual(renamed.sampleTypes, given.sampleTypes, `${file}, ${how}: not the text of the oracle`);
  const expected = gunzipSync(corpusFile('oracle', canon.stored ?? '')).toString();
  const afterTypes = (of: string): string => of.slice(of.indexOf('\ntotal'));
  assert.ok(afterTypes(text) === afterTypes(expected), `${file}, ${how}: not the values of the oracle`);
  assert.deepEqual(decoded.sampleTypes, renamed.sampleTypes);
}

function headerOf(decoded: DecodedProfile) {
  const { period, dropFrames, keepFrames, docUrl } = decoded;
  return {
    periodType: decoded.periodType ?? { type: '', unit: '' },
    period: String(period),
    dropFrames,
    keepFrames,
    docUrl,
  };
}

function headerByOracle({ summary }: Oracle) {
  const {
    period_type: periodType,
    period,
    drop_frames: dropFrames,
    keep_frames: keepFrames,
    doc_url: docUrl,
  } = summary;
  return { periodType: periodType ?? { type: '', unit: '' }, period, dropFrames, keepFrames, docUrl };
}

function assertMerge(reader: ProfileReader, stored: StoredFile): void {
  const { file, query, oracle } = stored;
  const body = askBody(reader, mergeOf(query), nowMs);
  assertSameFrames(body, stored);
  const decoded = decode(body);
  assertSameText(decoded, stored, 'merged');
  assert.deepEqual(headerOf(decoded), headerByOracle(oracle), `${file}, merged`);
  const comments = oracle.summary.comments ?? [];
  assert.deepEqual(decoded.comments.slice(0, comments.length), comments, file);
  assert.match(decoded.comments[comments.length] ?? '', /^flameherd: 1 profile of 1 process/);
}

/** Start lines, columns, inlining and mappings. Frames without a mapping may be given the binary of their workload. */
function assertSameFrames(exported: Uint8Array, { file }: StoredFile): void {
  const tell = ({ mapping, ...frame }: Frame): unknown => {
    const isNamedByUs = mapping === undefined || ['', file, 'all'].includes(mapping.file);
    return isNamedByUs ? frame : { ...frame, mapping };
  };
  const given = framesInUse(readProfile(corpusFile('real', file)), tell);
  assert.ok(framesInUse(readProfile(exported), tell) === given, `${file}: other frames`);
}

function assertSingle(reader: ProfileReader, stored: StoredFile): void {
  const { file, id, oracle } = stored;
  const body = askBody(reader, { kind: 'profile', id }, nowMs);
  assertSameFrames(body, stored);
  const decoded = decode(body);
  assertSameText(decoded, stored, 'by its id');
  assert.deepEqual(
    {
      ...headerOf(decoded),
      time: String(decoded.timeNanos),
      duration: String(decoded.durationNanos),
      defaultSampleType: decoded.defaultSampleType,
      comments: decoded.comments,
    },
    {
      ...headerByOracle(oracle),
      time: oracle.summary.time_nanos,
      duration: oracle.summary.duration_nanos,
      defaultSampleType: oracle.summary.default_sample_type,
      comments: oracle.summary.comments ?? [],
    },
    `${file}, by its id`,
  );
}

for (const workloads of ['each', 'one'] as const) {
  const what = workloads === 'one' ? 'processes of one workload' : 'workloads of their own';
  test(`what google/pprof reads in a file it reads in our export of it: ${what}`, { skip: noCorpus }, async () => {
    const { dataDir, writer, stored } = storeCorpus(workloads, everyLabel);
    assert.ok(stored.length > 70, `${stored.length} files`);
    for (const stage of ['as written', 'compacted']) {
      if (stage === 'compacted') assert.ok((await compactAll(writer, dataDir, nowMs)).hours.length > 0);
      await using reader = openSqliteReader({ dataDir });
      for (const each of stored) {
        assertMerge(reader, each);
        assertSingle(reader, each);
      }
    }
    await writer[Symbol.asyncDispose]();
  });
}

test('by default a label that is as good as unique is all that an export lacks', { skip: noCorpus }, async () => {
  const { dataDir, writer, stored } = storeCorpus('each', {}, withUniqueLabel);
  const [{ query, oracle } = assert.fail()] = stored;
  await using reader = openSqliteReader({ dataDir });
  const decoded = decode(askBody(reader, mergeOf(query), nowMs));
  const [values, labels] = canonicalTextOfDecoded(decoded).split('[label]\n');
  const [expectedValues, expectedLabels] = gunzipSync(corpusFile('oracle', oracle.canon.stored ?? ''))
    .toString()
    .split('[label]\n');
  assert.ok(values === expectedValues);
  const byLabel = (text = ''): string[] => text.slice(0, text.indexOf('[labelled]')).split('\n');
  assert.deepEqual(
    byLabel(labels),
    byLabel(expectedLabels).filter((line) => !line.startsWith('profile_id=')),
  );
  await writer[Symbol.asyncDispose]();
});
