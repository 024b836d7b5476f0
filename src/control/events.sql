-- Cron triggers and sums of usage. Times are milliseconds since 1970.

CREATE TABLE schedules (
    script     INTEGER NOT NULL REFERENCES scripts (id) ON DELETE CASCADE,
    cron       TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    PRIMARY KEY (script, cron)
) STRICT;

CREATE TABLE last_tick (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    minute INTEGER NOT NULL                     -- since 1970; noted before it fires
) STRICT;

CREATE TABLE usage (
    tenant      TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    script      TEXT NOT NULL,                  -- stays when the script goes
    requests    INTEGER NOT NULL,
    cpu_us      INTEGER NOT NULL,
    wall_us     INTEGER NOT NULL,
    mib_us      INTEGER NOT NULL,               -- memory cap times wall time
    kv_reads    INTEGER NOT NULL,
    kv_writes   INTEGER NOT NULL,
    kv_deletes  INTEGER NOT NULL,
    kv_lists    INTEGER NOT NULL,
    bytes_in    INTEGER NOT NULL,
    bytes_out   INTEGER NOT NULL,
    PRIMARY KEY (tenant, script)
) STRICT;
