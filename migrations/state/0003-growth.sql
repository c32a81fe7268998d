-- What growth is judged by, and what was found (docs/STORAGE.md, "Floors").

CREATE TABLE growth_workload (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  namespace TEXT NOT NULL,
  kind TEXT NOT NULL,
  workload TEXT NOT NULL,
  container TEXT NOT NULL,
  UNIQUE (namespace, kind, workload, container)
);

-- `from_ms`, `to_ms`: where its floors lie.
CREATE TABLE growth_process (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  workload INTEGER NOT NULL,
  identity TEXT NOT NULL,
  slot TEXT NOT NULL,
  pod TEXT NOT NULL,
  revision TEXT NOT NULL,
  started_ms REAL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  UNIQUE (workload, identity)
);
CREATE INDEX growth_process_end ON growth_process (to_ms);

-- `seen_ms`: a floor that names it is at most a day newer.
CREATE TABLE growth_function (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  identity TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  seen_ms INTEGER NOT NULL
);
CREATE INDEX growth_function_seen ON growth_function (seen_ms);

-- Floors of one bucket of a process, as they come. `origin`: 0 live, 1 import.
CREATE TABLE floor_open (
  bucket_ms INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  process INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  format INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (bucket_ms, bucket, process, origin)
) WITHOUT ROWID;

-- Floors of a run of buckets of a process, packed. The bytes lie in pieces, `id` 4096 times the block's and a number: whole
-- they are 1 to 4 KB, which leaves a third of the pages empty.
CREATE TABLE floor_block (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  bucket_ms INTEGER NOT NULL,
  block INTEGER NOT NULL,
  process INTEGER NOT NULL,
  origin INTEGER NOT NULL,
  format INTEGER NOT NULL
);
CREATE TABLE floor_piece (
  id INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);
CREATE UNIQUE INDEX floor_block_key ON floor_block (bucket_ms, block, process, origin);

-- `memory`, `verdict`: JSON.
CREATE TABLE growth_evaluation (
  workload INTEGER NOT NULL,
  bucket_ms INTEGER NOT NULL,
  bucket INTEGER NOT NULL,
  memory TEXT NOT NULL,
  verdict TEXT NOT NULL,
  PRIMARY KEY (workload, bucket_ms)
);

-- `verdict`: JSON of a SignalVerdict. `profiles`: JSON of the windows of growth_event_profile.
CREATE TABLE growth_event (
  id TEXT PRIMARY KEY,
  workload INTEGER NOT NULL,
  signal TEXT NOT NULL,
  tier TEXT NOT NULL,
  opened_ms INTEGER NOT NULL,
  likely_ms INTEGER,
  resolved_ms INTEGER,
  revision TEXT NOT NULL,
  verdict TEXT NOT NULL,
  profiles TEXT
);
CREATE INDEX growth_event_opened ON growth_event (opened_ms, id);
CREATE INDEX growth_event_workload ON growth_event (workload, opened_ms, id);

-- Gzipped pprof, by itself: reading events passes over no blob.
CREATE TABLE growth_event_profile (
  event TEXT NOT NULL,
  side TEXT NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (event, side)
);
