-- A list reads most columns of a few rows in each part: with a file for each column, most of that is opening files.
-- A part of up to some 150,000 sessions is one file; larger ones keep a file a column, for those who scan them.
ALTER TABLE sessions MODIFY SETTING min_bytes_for_wide_part = 67108864;
