-- What a tenant has set for its account; absent until it does.
CREATE TABLE account_settings (
    tenant              TEXT PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    default_usage_model TEXT NOT NULL,
    green_compute       INTEGER NOT NULL
) STRICT;
