// node:buffer
(function () {
  const buffer = __bootstrap.core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");
  const {
    atob, Blob, btoa, Buffer, constants, File, INSPECT_MAX_BYTES, isAscii, isUtf8, kMaxLength, kStringMaxLength,
    resolveObjectURL, SlowBuffer, transcode,
  } = buffer;
  return {
    atob, Blob, btoa, Buffer, constants, File, INSPECT_MAX_BYTES, isAscii, isUtf8, kMaxLength, kStringMaxLength,
    resolveObjectURL, SlowBuffer, transcode,
    default: buffer.default,
  };
})()
