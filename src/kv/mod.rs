//! What the KV binding and the admin API's KV calls stand on.
