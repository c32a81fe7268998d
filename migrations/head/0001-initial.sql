-- The profiles of one hour, as they came.

-- Sample types and header fields that hardly ever differ between profiles, as JSON.
CREATE TABLE shape (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  content TEXT NOT NULL UNIQUE
);

-- format 1: docs/STORAGE.md, "A profile's samples".
CREATE TABLE samples (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  format INTEGER NOT NULL,
  data BLOB NOT NULL
);

-- Clustered by series and time: totals and standing are answered from here without touching a sample.
-- `totals` holds one zigzag varint for each sample type.
CREATE TABLE profile (
  series INTEGER NOT NULL,
  stamp_ms INTEGER NOT NULL,
  interval_ms INTEGER NOT NULL,
  span_ms INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  shape INTEGER NOT NULL,
  samples INTEGER NOT NULL,
  trimmed INTEGER NOT NULL,
  totals BLOB NOT NULL,
  content_hash TEXT NOT NULL,
  PRIMARY KEY (series, stamp_ms)
) WITHOUT ROWID;
