-- Sums over an hour (roll1h) or a UTC day (roll1d) of all series that share their labels but pod and node.

CREATE TABLE shape (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  content TEXT NOT NULL UNIQUE
);

-- Canonical JSON of the labels, without pod and node.
CREATE TABLE series_group (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  labels TEXT NOT NULL UNIQUE
);

-- `bucket`: hours or days since 1970. `part` tells roll-ups of one group and bucket apart that differ in sample types.
-- `head`: what the roll-up was made of, by process. Blobs end in four bytes of crc32.
CREATE TABLE roll (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series_group INTEGER NOT NULL REFERENCES series_group (id),
  kind TEXT NOT NULL,
  bucket INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  part INTEGER NOT NULL,
  format INTEGER NOT NULL,
  head BLOB NOT NULL,
  stacks BLOB NOT NULL,
  UNIQUE (series_group, kind, bucket, partition, part)
);
CREATE INDEX roll_bucket ON roll (bucket);

-- One sample type: id = 256 × roll + index of the type.
CREATE TABLE roll_sum (
  id INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);
