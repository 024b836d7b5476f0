-- Static assets: the blob of a version's manifest, where it has one.
ALTER TABLE versions ADD COLUMN assets TEXT;
CREATE INDEX versions_assets ON versions (assets);
