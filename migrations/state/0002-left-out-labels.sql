-- The pprof labels that the stacks of a checkpoint are told apart without: a JSON list of names.

ALTER TABLE checkpoint ADD COLUMN left_out TEXT NOT NULL DEFAULT '[]';
