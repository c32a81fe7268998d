-- The program that a process runs, named by what was built: the digest of its image, as 64 hex digits. NULL: not known.
ALTER TABLE process ADD COLUMN build TEXT;
