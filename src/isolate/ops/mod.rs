//! Ops: the host functions our JavaScript calls. No script can reach them; `js/` is their only caller.
//!
//! Each checks its arguments again for safety. The ids they take are those of [`super::runs::Runs`]; an id that is not
//! in flight (its run has ended, or was forgotten) is answered quietly.

mod cache;
mod chacha;
mod cipher;
mod clock;
mod codec;
mod collected;
mod commonjs;
mod connection;
mod digest;
mod dns;
mod ecdh;
mod facts;
mod fetch;
mod hash;
mod hidden;
mod hold;
mod html;
mod html_unit;
mod kept;
mod key;
mod key_document;
mod key_use;
mod kind;
mod kv;
mod log;
mod mapping;
mod module;
mod node;
mod number;
mod pinned;
mod rate_limit;
mod read_all;
mod run;
mod service;
mod service_body;
mod socket;
mod source;
mod subrequest;
mod tagged;
mod triple_des;
mod url;
mod zlib;
mod zstd;

use deno_core::OpState;
use deno_error::JsErrorBox;

use super::runs::SharedRuns;

deno_core::extension!(
    eyot,
    deps = [deno_webidl, deno_web, deno_fetch, deno_crypto],
    ops = [
        cache::op_eyot_cache_begin,
        cache::op_eyot_cache_delete,
        cache::op_eyot_cache_end,
        cache::op_eyot_cache_match,
        cache::op_eyot_cache_write,
        clock::op_eyot_now,
        commonjs::op_eyot_commonjs_compile,
        commonjs::op_eyot_commonjs_resolve,
        commonjs::op_eyot_main_module,
        connection::op_eyot_connection_open,
        connection::op_eyot_connection_read,
        connection::op_eyot_connection_write,
        connection::op_eyot_connection_finish,
        connection::op_eyot_connection_secure,
        connection::op_eyot_connection_close,
        dns::op_eyot_dns_lookup,
        dns::op_eyot_dns_records,
        facts::op_eyot_compatibility,
        facts::op_eyot_facts,
        fetch::op_eyot_fetch,
        fetch::op_eyot_fetch_as_is,
        fetch::op_eyot_fetch_length,
        codec::op_eyot_codec_drop,
        codec::op_eyot_codec_finish,
        codec::op_eyot_codec_new,
        codec::op_eyot_codec_push,
        codec::op_eyot_codec_take,
        codec::op_eyot_codec_waiting,
        digest::op_eyot_digest_finish,
        digest::op_eyot_digest_new,
        digest::op_eyot_digest_update,
        digest::op_eyot_timing_safe_equal,
        hidden::op_eyot_hidden_symbol,
        hidden::op_eyot_host_object_symbol,
        hold::op_eyot_hold,
        hold::op_eyot_let_go,
        html::op_eyot_html_begin,
        html::op_eyot_html_check,
        html::op_eyot_html_close,
        html::op_eyot_html_forgotten,
        html::op_eyot_html_piece_bytes,
        html::op_eyot_html_step,
        html::op_eyot_html_take,
        html::op_eyot_html_waiting,
        html::op_eyot_html_write,
        html_unit::op_eyot_html_attribute,
        html_unit::op_eyot_html_attribute_at,
        html_unit::op_eyot_html_attribute_remove,
        html_unit::op_eyot_html_attribute_set,
        html_unit::op_eyot_html_content,
        html_unit::op_eyot_html_end_tag,
        html_unit::op_eyot_html_get,
        html_unit::op_eyot_html_remove,
        html_unit::op_eyot_html_set,
        html_unit::op_eyot_html_sink,
        html_unit::op_eyot_html_stream,
        kind::op_eyot_kind,
        kv::op_eyot_kv_delete,
        kv::op_eyot_kv_get,
        kv::op_eyot_kv_get_bulk,
        kv::op_eyot_kv_list,
        kv::op_eyot_kv_put,
        kv::op_eyot_kv_recent,
        log::op_eyot_log,
        log::op_eyot_log_is_watched,
        log::op_eyot_log_values,
        mapping::op_eyot_map,
        mapping::op_eyot_unmap,
        pinned::op_eyot_is_pinned,
        module::op_eyot_env_read,
        module::op_eyot_expose,
        module::op_eyot_handlers,
        module::op_eyot_module_bytes,
        module::op_eyot_module_kind,
        module::op_eyot_module_memories,
        module::op_eyot_module_names,
        module::op_eyot_module_part,
        module::op_eyot_names,
        rate_limit::op_eyot_rate_limit,
        read_all::op_eyot_read_all,
        read_all::op_eyot_read_text,
        module::op_eyot_module_wasm,
        run::op_eyot_body_end,
        run::op_eyot_body_offer,
        run::op_eyot_body_pipe,
        run::op_eyot_body_write,
        run::op_eyot_charge,
        run::op_eyot_done,
        run::op_eyot_fail,
        run::op_eyot_respond,
        run::op_eyot_respond_head,
        run::op_eyot_respond_stream,
        service::op_eyot_service_answer,
        service::op_eyot_service_start,
        service::op_eyot_service_write,
        service::op_eyot_thrown,
        socket::op_eyot_socket_close,
        socket::op_eyot_socket_connect,
        socket::op_eyot_socket_hear,
        socket::op_eyot_socket_kept,
        socket::op_eyot_socket_join,
        socket::op_eyot_socket_respond,
        socket::op_eyot_socket_send_bytes,
        socket::op_eyot_socket_send_text,
        socket::op_eyot_socket_unsent,
        source::op_eyot_body_length,
        subrequest::op_eyot_subrequest_begin,
        subrequest::op_eyot_subrequest_end,
        subrequest::op_eyot_subrequest_phrase,
        subrequest::op_eyot_subrequest_place,
        subrequest::op_eyot_subrequest_start,
    ],
    lazy_loaded_js = [
        dir "js",
        "array_methods.js",
        "array_parts.js",
        "array_steps.js",
        "array_visits.js",
        "async_ops.js",
        "bindings.js",
        "blob_range.js",
        "caches.js",
        "clock.js",
        "codecs.js",
        "commonjs.js",
        "compatibility.js",
        "console.js",
        "console_methods.js",
        "console_table.js",
        "content_coding.js",
        "crypto.js",
        "crypto_algorithms.js",
        "crypto_beside.js",
        "crypto_costs.js",
        "crypto_host.js",
        "digest_stream.js",
        "digests.js",
        "dispatch.js",
        "entrypoints.js",
        "events.js",
        "eventsource.js",
        "fetch.js",
        "fetch_shapes.js",
        "form_azure.js",
        "form_google.js",
        "form_lambda.js",
        "form_openwhisk.js",
        "form_reply.js",
        "form_request.js",
        "forms.js",
        "global_scope.js",
        "globals.js",
        "hidden.js",
        "hops.js",
        "html_rewriter.js",
        "html_units.js",
        "incoming_body.js",
        "inner_request.js",
        "integrity.js",
        "intl.js",
        "kinds.js",
        "kv.js",
        "lengths.js",
        "long_calls.js",
        "long_steps.js",
        "loopbacks.js",
        "mappings.js",
        "message_event.js",
        "microtasks.js",
        "modules.js",
        "multipart.js",
        "navigator.js",
        "passed_body.js",
        "performance.js",
        "platform_objects.js",
        "promises.js",
        "rate_limit.js",
        "request.js",
        "response.js",
        "response_body.js",
        "revived.js",
        "rpc.js",
        "rpc_answer.js",
        "rpc_carried.js",
        "rpc_streams.js",
        "rpc_stubs.js",
        "rpc_values.js",
        "run_events.js",
        "runs.js",
        "scheduler.js",
        "search_params.js",
        "service.js",
        "thrown.js",
        "shapes.js",
        "sockets.js",
        "stream_parts.js",
        "streams.js",
        "structured_clone.js",
        "tcp.js",
        "timers.js",
        "trace_limit.js",
        "web_assembly.js",
        "wire_headers.js",
        "workers.js",
        "websocket.js",
        "websocket_end.js",
    ],
    synthetic_esm = [
        "cloudflare:sockets" = "ext:eyot/sockets.js",
        "cloudflare:workers" = "ext:eyot/workers.js",
        "eyot:commonjs" = "ext:eyot/commonjs.js",
        "eyot:azure-functions" = "ext:eyot/form_azure.js",
        "eyot:google-functions" = "ext:eyot/form_google.js",
    ],
    js = [dir "js", "bootstrap.js"],
);

deno_core::extension!(
    eyot_node,
    deps = [deno_web, deno_crypto],
    ops = [
        cipher::op_eyot_cipher_aad,
        cipher::op_eyot_cipher_apply,
        cipher::op_eyot_cipher_new,
        cipher::op_eyot_cipher_tag,
        hash::op_eyot_hash_copy,
        hash::op_eyot_hash_digest,
        hash::op_eyot_hash_hkdf,
        hash::op_eyot_hash_new,
        hash::op_eyot_hash_pbkdf2_begin,
        hash::op_eyot_hash_pbkdf2_step,
        hash::op_eyot_hash_scrypt,
        hash::op_eyot_hash_update,
        ecdh::op_eyot_ecdh_private,
        ecdh::op_eyot_ecdh_public,
        ecdh::op_eyot_ecdh_point,
        ecdh::op_eyot_ecdh_secret,
        key::op_eyot_key_private,
        key::op_eyot_key_public,
        key::op_eyot_key_raw,
        key::op_eyot_key_ec_jwk,
        key::op_eyot_key_rsa,
        key::op_eyot_key_rsa_of_primes,
        key::op_eyot_key_generate,
        key::op_eyot_key_public_of,
        key::op_eyot_key_facts,
        key::op_eyot_key_equals,
        key_document::op_eyot_key_der,
        key_document::op_eyot_key_jwk,
        key_use::op_eyot_key_sign,
        key_use::op_eyot_key_verify,
        key_use::op_eyot_key_sign_message,
        key_use::op_eyot_key_verify_message,
        key_use::op_eyot_key_agree,
        key_use::op_eyot_key_rsa_apply,
        number::op_eyot_number_power,
        number::op_eyot_number_candidate,
        number::op_eyot_number_test,
        node::op_eyot_node_buffer_compare,
        node::op_eyot_node_buffer_compare_offset,
        node::op_eyot_node_constructor_name,
        node::op_eyot_node_decode,
        node::op_eyot_node_domain_to_ascii,
        node::op_eyot_node_domain_to_unicode,
        node::op_eyot_node_is_ascii,
        node::op_eyot_node_is_utf8,
        node::op_eyot_node_own_non_index_properties,
        node::op_eyot_node_punycode_decode,
        node::op_eyot_node_punycode_encode,
        node::op_eyot_node_script,
        zlib::op_eyot_zlib_crc32,
        zlib::op_eyot_zlib_end,
        zlib::op_eyot_zlib_new,
        zlib::op_eyot_zlib_new_brotli,
        zlib::op_eyot_zlib_set_level,
        zlib::op_eyot_zlib_write,
        zstd::op_eyot_zstd_end,
        zstd::op_eyot_zstd_new,
        zstd::op_eyot_zstd_write,
    ],
);

/// The refusal of what asks for I/O on behalf of a run that is not in flight.
fn outside() -> JsErrorBox {
    JsErrorBox::generic(
        "Disallowed operation called within global scope, or after its request had ended. Asynchronous I/O is not allowed there.",
    )
}

fn runs(state: &OpState) -> SharedRuns {
    state.borrow::<SharedRuns>().clone()
}

pub(super) use clock::{FrozenClock, frozen};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use key_document::fuzz as fuzz_key_document;
pub use module::ScriptCode;
use module::with_module;
pub(super) use module::{allow_wasm_of_modules_only, entry_of};
pub(super) use url::conforming;
