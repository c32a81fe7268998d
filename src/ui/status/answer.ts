import type { Static } from 'typebox';
import type { statusSchema } from '../../http/status-schema.ts';

/** What `/api/v1/status` answers. */
export type StatusAnswer = Static<typeof statusSchema>;
export type StoreStatus = NonNullable<StatusAnswer['store']>;
export type IngestStatus = NonNullable<StatusAnswer['ingest']>;
export type Limits = StatusAnswer['limits'];
