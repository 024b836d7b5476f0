//! The KV engine: reads that are remembered, reads from the file, writes alone and together.

use bytes::Bytes;
use eyot::ids::NamespaceId;
use eyot::kv::{Key, Write};
use futures::future::join_all;

use crate::Workbench;
use crate::stopwatch::Stopwatch;

pub(crate) fn measure(stopwatch: &Stopwatch, bench: &Workbench) {
    let (kv, runtime) = (bench.node.kv(), &bench.runtime);
    let namespace: NamespaceId = bench.namespace.parse().expect("an id");
    let (hit, missing) = (key("hit"), key("missing"));
    runtime.block_on(kv.write(&bench.tenant, &namespace, vec![put("hit")])).expect("writes");
    for key in [&hit, &missing] {
        runtime.block_on(kv.read_for(&bench.tenant, &namespace, key)).expect("reads");
    }
    for (name, key) in [("kv: get of what was read lately", &hit), ("kv: get of what was missing lately", &missing)] {
        stopwatch.time(name, || kv.recent(&namespace, key).expect("is remembered"));
    }
    for (name, key) in [("kv: get from the file", &hit), ("kv: get of nothing from the file", &missing)] {
        stopwatch.time_async(runtime, name, 1, async || {
            kv.read(&bench.tenant, &namespace, key).await.expect("reads");
        });
    }
    stopwatch.time_async(runtime, "kv: put, one writer", 1, async || {
        kv.write(&bench.tenant, &namespace, vec![put("alone")]).await.expect("writes");
    });
    stopwatch.time_async(runtime, "kv: put, 64 writers, each", 64, async || {
        let writes = (0..64).map(|at| kv.write(&bench.tenant, &namespace, vec![put(&at.to_string())]));
        join_all(writes).await.into_iter().for_each(|written| written.expect("writes"));
    });
}

fn key(text: &str) -> Key {
    Key::new(text).expect("a key")
}

fn put(name: &str) -> Write {
    let value = Bytes::from_static(b"a value of no great length");
    Write::Put { key: key(name), value, metadata: None, expiration: None }
}
