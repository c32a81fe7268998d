-- What every other file refers to: series, their processes, the dictionaries of stacks, and which files there are.
-- `changed` rises with every commit that touches a row, so that a reader loads only what is new to it.

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- Canonical JSON, interned: the kinds of one process share a label set.
CREATE TABLE label_set (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  labels TEXT NOT NULL UNIQUE
);

CREATE TABLE process (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  identity TEXT NOT NULL UNIQUE,
  slot TEXT NOT NULL,
  started_ms INTEGER,
  first_ms INTEGER NOT NULL,
  ended_ms INTEGER,
  changed INTEGER NOT NULL
);
CREATE INDEX process_changed ON process (changed);

-- Hours are counted from the Unix epoch. `last_hour` may be ahead of the facts by a commit that was lost, never behind.
CREATE TABLE series (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  label_set INTEGER NOT NULL REFERENCES label_set (id),
  process INTEGER NOT NULL REFERENCES process (id),
  kind TEXT NOT NULL,
  partition_key TEXT NOT NULL,
  shape TEXT NOT NULL,
  first_hour INTEGER NOT NULL,
  last_hour INTEGER NOT NULL,
  longest_interval_ms INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  UNIQUE (process, kind, label_set)
);
CREATE INDEX series_label_set ON series (label_set);
CREATE INDEX series_changed ON series (changed);
CREATE INDEX series_partition ON series (partition_key, last_hour);

-- A tree of stacks: (namespace, workload_kind, workload, container) and an epoch. Dropping one drops its symbols.
CREATE TABLE partition (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  last_hour INTEGER NOT NULL,
  UNIQUE (key, epoch)
);

-- Append-only: each row adds strings, functions, frames, nodes, label sets and stacks to a partition.
-- format 1: plain; 2: the same, zstd.
CREATE TABLE dictionary (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  partition INTEGER NOT NULL REFERENCES partition (id),
  format INTEGER NOT NULL,
  data BLOB NOT NULL
);
CREATE INDEX dictionary_partition ON dictionary (partition, id);

-- kind: head (later: detail, roll1h, roll1d). state: open (answers from it), removed (to be unlinked).
CREATE TABLE file (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms INTEGER NOT NULL,
  state TEXT NOT NULL
);
