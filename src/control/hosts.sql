-- Custom hostnames and route patterns. Times are milliseconds since 1970.

CREATE TABLE routes (
    id         TEXT PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    script     INTEGER NOT NULL REFERENCES scripts (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,                   -- route: a pattern; domain: a hostname
    pattern    TEXT NOT NULL,                   -- as it was sent
    host       TEXT NOT NULL,                   -- its name, without a star
    reversed   TEXT NOT NULL,                   -- the host's labels from the last to the first, each with a dot
    reach      TEXT NOT NULL,                   -- exact, below or both
    path       TEXT NOT NULL,                   -- ends in * when it is a beginning
    created_ms INTEGER NOT NULL,
    UNIQUE (reversed, kind, reach, path)
) STRICT;
CREATE INDEX routes_tenant ON routes (tenant);
CREATE INDEX routes_script ON routes (script);
