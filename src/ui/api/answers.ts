import type { Static } from 'typebox';
import type { explanationSchema, listSchemas, rangeSchema, targetsSchema } from '../../http/answer-schemas.ts';
import type { eventSchema, growthSchema, signalSchema, verdictSchema } from '../../http/growth/schemas.ts';
import type { rolloutsSchema } from '../../http/rollout-schemas.ts';
import type { scrapesSchema } from '../../http/scrape-schemas.ts';
import type { statusSchema } from '../../http/status-schema.ts';
import type {
  diffFlamegraphSchema,
  diffTopSchema,
  flamegraphSchema,
  metaSchema,
  topSchema,
} from '../../http/view-schemas.ts';
import type { whoamiSchema } from '../../http/whoami-schema.ts';

/** What the API answers, as the server's own schemas say it: one truth, nothing of it at run time. */

export type Meta = Static<typeof metaSchema>;
export type FlameAnswer = Static<typeof flamegraphSchema>;
export type TopAnswer = Static<typeof topSchema>;
export type DiffFlameAnswer = Static<typeof diffFlamegraphSchema>;
export type DiffTopAnswer = Static<typeof diffTopSchema>;
export type DiffMeta = DiffFlameAnswer['meta'];
export type RangeAnswer = Static<typeof rangeSchema>;

export type ProfileTypesAnswer = Static<(typeof listSchemas)['profile-types']>;
export type LabelsAnswer = Static<typeof listSchemas.labels>;
export type LabelValuesAnswer = Static<(typeof listSchemas)['label-values']>;
export type SeriesAnswer = Static<typeof listSchemas.series>;
export type SeriesEntry = SeriesAnswer['series'][number];

export type TargetsAnswer = Static<typeof targetsSchema>;
export type TargetEntry = TargetsAnswer['targets'][number];
export type ExplainAnswer = Static<typeof explanationSchema>;

export type GrowthAnswer = Static<typeof growthSchema>;
export type VerdictEntry = Static<typeof verdictSchema>;
export type SignalEntry = Static<typeof signalSchema>;
export type EventAnswer = Static<typeof eventSchema>;

export type RolloutsAnswer = Static<typeof rolloutsSchema>;
export type RevisionEntry = RolloutsAnswer['revisions'][number];
export type RolloutEntry = RolloutsAnswer['rollouts'][number];

export type ScrapesAnswer = Static<typeof scrapesSchema>;

export type StatusAnswer = Static<typeof statusSchema>;
export type StoreStatus = NonNullable<StatusAnswer['store']>;
export type IngestStatus = NonNullable<StatusAnswer['ingest']>;
export type Limits = StatusAnswer['limits'];
export type WhoAmIAnswer = Static<typeof whoamiSchema>;
