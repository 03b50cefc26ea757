-- A part of `sessions` is a stretch of time, but in the key a connection comes before the time, and a granule holds
-- several connections: by the key alone, what is asked of a day is read of every part. A session's start never
-- changes, so skipping by it leaves no version behind that FINAL needs.
ALTER TABLE sessions ADD INDEX IF NOT EXISTS started started_at TYPE minmax GRANULARITY 1;

ALTER TABLE sessions MATERIALIZE INDEX IF EXISTS started;
