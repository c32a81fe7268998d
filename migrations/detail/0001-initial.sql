-- Columnar hours: the profiles of one series and hour as one chunk. Blobs end in four bytes of crc32.

-- Sample types and header fields that hardly ever differ between profiles, as JSON.
CREATE TABLE shape (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  content TEXT NOT NULL UNIQUE
);

-- `head` is the file (meta.db) that the profiles came from: a chunk counts once that file is compacted. `part` tells chunks of
-- one series, hour and head apart that differ in partition or sample types. A carried chunk restates the snapshot that stands
-- into the hour from the one before. `entries`: a row for each profile; `stacks`: the ids of all stacks, and their scales.
CREATE TABLE chunk (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  head INTEGER NOT NULL,
  part INTEGER NOT NULL,
  partition INTEGER NOT NULL,
  carried INTEGER NOT NULL,
  format INTEGER NOT NULL,
  entries BLOB NOT NULL,
  stacks BLOB NOT NULL,
  UNIQUE (series, hour, head, part)
);

-- The sum over the hour of one sample type: id = 256 × chunk + index of the type.
CREATE TABLE chunk_sum (
  id INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);

-- Single profiles, by ten minutes or more and by groups of like sample types: id = 256 × chunk + 8 × sub-block + group. Sub-block
-- 31 holds what all sub-blocks of a group share.
CREATE TABLE chunk_detail (
  id INTEGER PRIMARY KEY,
  data BLOB NOT NULL
);
