-- The small state that outlives a crash and is no profile.

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

-- The counters of a series as of a stamp. `data`: hash halves and value columns, docs/STORAGE.md.
CREATE TABLE checkpoint (
  series TEXT PRIMARY KEY,
  stamp_ms INTEGER NOT NULL,
  types TEXT NOT NULL,
  data BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX checkpoint_stamp ON checkpoint (stamp_ms);
