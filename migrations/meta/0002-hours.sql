-- Columnar hours and roll-ups. docs/STORAGE.md draws how they hang together.

-- kind: head, detail, roll1h, roll1d. A head is open, then sealed (written no more), then compacted (its chunks count, the
-- file is unlinked). Any file may be removed (to be unlinked, then forgotten). Late profiles of a sealed hour begin the
-- next generation of its head.
ALTER TABLE file ADD COLUMN generation INTEGER NOT NULL DEFAULT 1;

-- The age of an epoch, in hours of its profiles: symbols can only go with a whole epoch.
ALTER TABLE partition ADD COLUMN first_hour INTEGER NOT NULL DEFAULT 0;
UPDATE partition SET first_hour = last_hour;

-- The processes of one pod container end each other.
CREATE INDEX process_slot ON process (slot);

-- Hours that have chunks. rolled: 1 while roll1h holds all of them as they are. damaged: why the hour's detail is left out.
CREATE TABLE hour (
  hour INTEGER PRIMARY KEY,
  rolled INTEGER NOT NULL,
  damaged TEXT
);

-- UTC days since 1970 that have rolled hours. rolled: 1 while roll1d holds all of them as they are.
CREATE TABLE day (
  day INTEGER PRIMARY KEY,
  rolled INTEGER NOT NULL
);

-- Chunks whose gauges stand otherwise than when they were added up: a process ended, or a profile came late. Their detail
-- is right, their sums are not, until compaction restates them.
CREATE TABLE stale (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series INTEGER NOT NULL,
  hour INTEGER NOT NULL
);
CREATE INDEX stale_hour ON stale (hour, series);

-- Rises with every commit that changes which files, chunks or roll-ups count: a reader that finds it changed asks again.
INSERT INTO setting (name, value) VALUES ('layout', '1');
