-- Schema 1 of control.sqlite. Times are milliseconds since 1970; columns that hold JSON say so.

CREATE TABLE tenants (
    id         TEXT PRIMARY KEY,
    name       TEXT NOT NULL,
    subdomain  TEXT NOT NULL UNIQUE,
    created_ms INTEGER NOT NULL,
    limits     TEXT NOT NULL                    -- JSON: limits::Overrides
) STRICT;

CREATE TABLE tokens (
    id         TEXT PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    hash       BLOB NOT NULL UNIQUE,            -- SHA-256 of the token
    name       TEXT NOT NULL,
    scopes     TEXT NOT NULL,                   -- JSON: set of Scope
    created_ms INTEGER NOT NULL,
    used_ms    INTEGER,                         -- to the hour
    expires_ms INTEGER
) STRICT;
CREATE INDEX tokens_tenant ON tokens (tenant);

CREATE TABLE scripts (
    id          INTEGER PRIMARY KEY,
    tenant      TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    tag         TEXT NOT NULL,
    created_ms  INTEGER NOT NULL,
    modified_ms INTEGER NOT NULL,
    enabled     INTEGER NOT NULL,
    previews    INTEGER NOT NULL,
    settings    TEXT NOT NULL,                  -- JSON: ScriptSettings
    UNIQUE (tenant, name)
) STRICT;

CREATE TABLE versions (
    id                  TEXT PRIMARY KEY,
    script              INTEGER NOT NULL REFERENCES scripts (id) ON DELETE CASCADE,
    number              INTEGER NOT NULL,
    created_ms          INTEGER NOT NULL,
    author              TEXT NOT NULL,
    source              TEXT NOT NULL,
    annotations         TEXT NOT NULL,          -- JSON: map
    bindings            TEXT NOT NULL,          -- JSON: list of Kept; secrets are sealed
    limits              TEXT NOT NULL,          -- JSON: limits::Overrides
    compatibility_date  TEXT NOT NULL,
    compatibility_flags TEXT NOT NULL,          -- JSON: list
    syntax              TEXT NOT NULL,          -- JSON: script::Syntax
    main_module         TEXT NOT NULL,
    handlers            TEXT NOT NULL,          -- JSON: list
    code                TEXT NOT NULL,          -- blob of the encoded Code
    snapshot            TEXT,                   -- blob of the snapshot, unless it starts plain
    plain_reason        TEXT,                   -- why it starts plain
    fingerprint         TEXT NOT NULL,          -- of the build of Eyot that decided between the two
    startup_cpu_ms      INTEGER NOT NULL,
    UNIQUE (script, number),
    CHECK ((snapshot IS NULL) <> (plain_reason IS NULL))
) STRICT;
CREATE INDEX versions_code ON versions (code);
CREATE INDEX versions_snapshot ON versions (snapshot);

CREATE TABLE deployments (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT, -- the highest of a script serves
    id          TEXT NOT NULL UNIQUE,
    script      INTEGER NOT NULL REFERENCES scripts (id) ON DELETE CASCADE,
    created_ms  INTEGER NOT NULL,
    author      TEXT NOT NULL,
    source      TEXT NOT NULL,
    annotations TEXT NOT NULL,                  -- JSON: map
    versions    TEXT NOT NULL                   -- JSON: list of [version id, percentage]
) STRICT;
CREATE INDEX deployments_script ON deployments (script, seq);

CREATE TABLE namespaces (
    id         TEXT PRIMARY KEY,
    tenant     TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    title      TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    UNIQUE (tenant, title)
) STRICT;

-- Outlives its tenant: what was removed, when and by whom is asked afterwards.
CREATE TABLE audit (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant TEXT NOT NULL,
    at_ms  INTEGER NOT NULL,
    actor  TEXT NOT NULL,
    action TEXT NOT NULL,
    target TEXT NOT NULL
) STRICT;
CREATE INDEX audit_tenant ON audit (tenant, id);
