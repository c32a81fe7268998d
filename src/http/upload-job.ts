import { createHash } from 'node:crypto';
import { type Static, Type } from 'typebox';
import type { IngestJob } from '../ingest/messages.ts';
import { durationForm, formatDuration, parseDuration } from '../model/duration.ts';
import { FlameherdError } from '../model/errors.ts';
import { canonicalLabels, type LabelSet, sortedLabels } from '../model/labels.ts';
import type { ProcessIdentity } from '../model/series.ts';
import { formatTime, parseTime } from '../model/time.ts';
import type { DurationMs, UnixMs } from '../model/units.ts';
import { bounds, futureToleranceMs } from './bounds.ts';
import { text, timeParameter } from './parameters.ts';

/** The labels that have parameters of their own; any other comes as `label.NAME`. */
const labelDescriptions = {
  service_name: 'Default: the workload.',
  namespace: 'Default: local.',
  workload: 'Default: the service name. One of the two is needed.',
  workload_kind: 'Deployment, StatefulSet, …',
  container: 'The container.',
  pod: 'The pod.',
  node: 'The node.',
  revision: 'What was rolled out.',
  image: 'The tag of the image.',
  version: 'The version of the program.',
  port: 'Only where a pod has several sources.',
} as const;
type LabelParameter = keyof typeof labelDescriptions;
const labelParameters = Object.keys(labelDescriptions) as LabelParameter[];

const defaultNamespace = 'local';
const freeLabel = '^label\\.[A-Za-z_][A-Za-z0-9_]*$';
/** Their profiles count from the start of the process, so without one nothing can be subtracted. */
const cumulativeKinds: ReadonlySet<string> = new Set(['heap', 'allocs', 'block', 'mutex']);

const labelParameter = (name: LabelParameter) =>
  Type.Optional(text(`The label ${name}. ${labelDescriptions[name]}`, bounds.labelValueLength));

/** Parameters of an upload, in the URL or as fields of a form. */
export const uploadParameters = Type.Object(
  {
    service_name: labelParameter('service_name'),
    namespace: labelParameter('namespace'),
    workload: labelParameter('workload'),
    workload_kind: labelParameter('workload_kind'),
    container: labelParameter('container'),
    pod: labelParameter('pod'),
    node: labelParameter('node'),
    revision: labelParameter('revision'),
    image: labelParameter('image'),
    version: labelParameter('version'),
    port: labelParameter('port'),
    kind: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,63}$',
        description: 'cpu, heap, goroutine, block, mutex, … Default: told by the sample types of the profile.',
      }),
    ),
    time: timeParameter('When the profile was taken; a windowed one: when it began (default: now)'),
    process: Type.Optional(
      text(
        'Names one run of the program, such as pod UID/container id; counters are never subtracted across two.',
        256,
      ),
    ),
    started: timeParameter('When the process started'),
    ended: timeParameter('When the process ended: its snapshots stand no longer'),
    interval: Type.Optional(
      text(`Time between two profiles: ${durationForm}. Default: the gap to the one before.`, 32),
    ),
    as: Type.Optional(
      Type.Enum(['delta'], { description: 'delta: cumulative types hold increases already; needs no process.' }),
    ),
  },
  {
    additionalProperties: false,
    patternProperties: { [freeLabel]: { type: 'string', minLength: 1, maxLength: bounds.labelValueLength } },
  },
);
export type UploadQuery = Static<typeof uploadParameters>;

/** What the daemon knows when an upload comes. */
export interface UploadContext {
  readonly nowMs: UnixMs;
  readonly detailHorizonMs: DurationMs;
}

/** The job of an upload; `bytes` must be the only view of its buffer. Throws what is wrong with the parameters. */
export function uploadJob(query: UploadQuery, bytes: Uint8Array, context: UploadContext): IngestJob {
  const labels = uploadLabels(query);
  const asDelta = query.as === 'delta';
  if (query.process === undefined && !asDelta && query.kind !== undefined && cumulativeKinds.has(query.kind)) {
    throw new FlameherdError(
      'process_required',
      `process: is missing, and ${query.kind} profiles count since their process started`,
      {
        hint: 'add process=ID, one for each run of the program; or as=delta when the profile holds increases already',
      },
    );
  }
  const process = uploadProcess(query, labels, context.nowMs);
  return {
    source: process.id,
    labels,
    process,
    processNamed: query.process !== undefined,
    kind: query.kind,
    bytes,
    stampMs: readStamp(query, context),
    intervalMs: readInterval(query.interval),
    origin: 'upload',
    firstKnownMs: undefined,
    asDelta,
    endedMs: query.ended === undefined ? undefined : parseTime('ended', query.ended, context.nowMs),
  };
}

function uploadLabels(query: UploadQuery): LabelSet {
  const workload = query.workload ?? query.service_name;
  if (workload === undefined) {
    throw new FlameherdError('bad_parameter', 'workload: is missing; allowed is workload or service_name', {
      hint: 'say whose profile it is: ?workload=checkout',
    });
  }
  const named = Object.fromEntries(labelParameters.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));
  const labels = { namespace: defaultNamespace, service_name: workload, workload, ...freeLabels(query), ...named };
  return Object.fromEntries(sortedLabels(labels));
}

function freeLabels(query: UploadQuery): LabelSet {
  const found = Object.entries(query).filter(([name]) => name.startsWith('label.'));
  if (found.length > bounds.uploadLabels) {
    throw new FlameherdError('bad_parameter', `label.*: ${found.length} labels; allowed are ${bounds.uploadLabels}`);
  }
  return Object.fromEntries(
    found.map(([parameter, value]) => {
      const name = parameter.slice('label.'.length);
      if (Object.hasOwn(labelDescriptions, name) || name.startsWith('__')) {
        throw new FlameherdError('bad_parameter', `${parameter}: this label cannot be set so`, {
          hint: name.startsWith('__') ? 'names that begin with __ are ours' : `write ${name}=…`,
        });
      }
      return [name, value];
    }),
  );
}

/**
 * A process of one workload is never another's, whatever the clients call them. In a pod, the next process of a container
 * ends the one before it; without a pod nothing does but `ended`.
 */
function uploadProcess(query: UploadQuery, labels: LabelSet, nowMs: UnixMs): ProcessIdentity {
  const place = [labels['namespace'], labels['workload'], labels['pod'], labels['container']]
    .map((part) => encodeURIComponent(part ?? ''))
    .join('/');
  const id = `upload:${place}/${query.process === undefined ? unnamedProcess(labels) : encodeURIComponent(query.process)}`;
  return {
    id,
    slot: query.pod === undefined ? id : `upload:${place}`,
    startedMs: query.started === undefined ? undefined : parseTime('started', query.started, nowMs),
  };
}

/** Without a name, one process for each label set. */
function unnamedProcess(labels: LabelSet): string {
  return `unnamed-${createHash('sha1').update(canonicalLabels(labels)).digest('hex').slice(0, 12)}`;
}

function readStamp({ time }: UploadQuery, { nowMs, detailHorizonMs }: UploadContext): UnixMs {
  if (time === undefined) return nowMs;
  const stampMs = parseTime('time', time, nowMs);
  if (stampMs > nowMs + futureToleranceMs) {
    throw new FlameherdError(
      'bad_time',
      `time: ${formatTime(stampMs)} is more than ${formatDuration(futureToleranceMs)} ahead`,
      {
        hint: `here it is ${formatTime(nowMs)}; check the clock of the client`,
      },
    );
  }
  if (stampMs < nowMs - detailHorizonMs) {
    throw new FlameherdError('bad_time', `time: ${formatTime(stampMs)} is older than what is kept in detail`, {
      hint: `profiles are taken from ${formatTime(nowMs - detailHorizonMs)} on (${formatDuration(detailHorizonMs)} back)`,
    });
  }
  return stampMs;
}

function readInterval(interval: string | undefined): DurationMs | undefined {
  if (interval === undefined) return undefined;
  const intervalMs = /^\d{1,9}$/.test(interval) ? Number(interval) * 1000 : parseDuration(interval);
  if (intervalMs === undefined || intervalMs <= 0) {
    throw new FlameherdError(
      'bad_parameter',
      `interval: ${JSON.stringify(interval)}; allowed is ${durationForm}, or seconds`,
    );
  }
  return intervalMs;
}
