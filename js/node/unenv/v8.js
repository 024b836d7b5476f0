// unenv 2.0.0-rc.24, runtime/node/v8.mjs, by scripts/vendor-node.mjs. Copyright (c) Pooya Parsa. MIT license.
(function () {
var __module = (() => {
  var __create = Object.create;
  var __defProp = Object.defineProperty;
  var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
  var __getOwnPropNames = Object.getOwnPropertyNames;
  var __getProtoOf = Object.getPrototypeOf;
  var __hasOwnProp = Object.prototype.hasOwnProperty;
  var __commonJS = (cb, mod) => function __require() {
    try {
      return mod || (0, cb[__getOwnPropNames(cb)[0]])((mod = { exports: {} }).exports, mod), mod.exports;
    } catch (e) {
      throw mod = 0, e;
    }
  };
  var __export = (target, all) => {
    for (var name in all)
      __defProp(target, name, { get: all[name], enumerable: true });
  };
  var __copyProps = (to, from, except, desc) => {
    if (from && typeof from === "object" || typeof from === "function") {
      for (let key of __getOwnPropNames(from))
        if (!__hasOwnProp.call(to, key) && key !== except)
          __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
    }
    return to;
  };
  var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
    // If the importer is in node compatibility mode or this is not an ESM
    // file that has been converted to a CommonJS file using a Babel-
    // compatible transform (i.e. "__esModule" has not been set), then set
    // "default" to the CommonJS "module.exports" for node compatibility.
    isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
    mod
  ));
  var __toCommonJS = (mod) => __copyProps(__defProp({}, "__esModule", { value: true }), mod);

  // ours:node:stream
  var require_node_stream = __commonJS({
    "ours:node:stream"(exports, module) {
      module.exports = __bootstrap.core.loadExtScript("ext:eyot_node/modules.js").load("node:stream");
    }
  });

  // tests/clients/node_modules/unenv/dist/runtime/node/v8.mjs
  var v8_exports = {};
  __export(v8_exports, {
    DefaultDeserializer: () => DefaultDeserializer,
    DefaultSerializer: () => DefaultSerializer,
    Deserializer: () => Deserializer,
    GCProfiler: () => GCProfiler,
    Serializer: () => Serializer,
    cachedDataVersionTag: () => cachedDataVersionTag,
    default: () => v8_default,
    deserialize: () => deserialize,
    getHeapCodeStatistics: () => getHeapCodeStatistics,
    getHeapSnapshot: () => getHeapSnapshot,
    getHeapSpaceStatistics: () => getHeapSpaceStatistics,
    getHeapStatistics: () => getHeapStatistics,
    promiseHooks: () => promiseHooks,
    queryObjects: () => queryObjects,
    serialize: () => serialize,
    setFlagsFromString: () => setFlagsFromString,
    setHeapSnapshotNearHeapLimit: () => setHeapSnapshotNearHeapLimit,
    startupSnapshot: () => startupSnapshot,
    stopCoverage: () => stopCoverage,
    takeCoverage: () => takeCoverage,
    writeHeapSnapshot: () => writeHeapSnapshot
  });

  // tests/clients/node_modules/unenv/dist/runtime/mock/noop.mjs
  var noop_default = Object.assign(() => {
  }, { __unenv__: true });

  // tests/clients/node_modules/unenv/dist/runtime/node/v8.mjs
  var import_node_stream = __toESM(require_node_stream(), 1);

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/v8/deserializer.mjs
  var Deserializer = class {
    readHeader() {
      return false;
    }
    readValue() {
    }
    transferArrayBuffer(id, arrayBuffer) {
    }
    getWireFormatVersion() {
      return 0;
    }
    readUint32() {
      return 0;
    }
    readUint64() {
      return [0, 0];
    }
    readDouble() {
      return 0;
    }
    readRawBytes(length) {
      return Buffer.from("");
    }
  };
  var DefaultDeserializer = class extends Deserializer {
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/v8/serializer.mjs
  var Serializer = class {
    writeHeader() {
    }
    writeValue(val) {
      return false;
    }
    releaseBuffer() {
      return Buffer.from("");
    }
    transferArrayBuffer(id, arrayBuffer) {
    }
    writeDouble(value) {
    }
    writeUint32(value) {
    }
    writeUint64(hi, lo) {
    }
    writeRawBytes(buffer) {
    }
  };
  var DefaultSerializer = class extends Serializer {
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/internal/v8/profiler.mjs
  var GCProfiler = class {
    start() {
    }
    stop() {
      return {
        version: 1,
        startTime: 0,
        endTime: 0,
        statistics: []
      };
    }
  };

  // tests/clients/node_modules/unenv/dist/runtime/node/v8.mjs
  var getMockHeapSpaceStats = (name) => ({
    space_name: name,
    space_size: 0,
    space_used_size: 0,
    space_available_size: 0,
    physical_space_size: 0
  });
  var cachedDataVersionTag = () => 0;
  var deserialize = noop_default;
  var getHeapCodeStatistics = () => ({
    code_and_metadata_size: 0,
    bytecode_and_metadata_size: 0,
    external_script_source_size: 0,
    cpu_profiler_metadata_size: 0
  });
  var getHeapSpaceStatistics = () => [
    "read_only_space",
    "new_space",
    "old_space",
    "code_space",
    "map_space",
    "large_object_space",
    "code_large_object_space",
    "new_large_object_space"
  ].map((space) => getMockHeapSpaceStats(space));
  var getHeapStatistics = () => ({
    total_heap_size: 0,
    total_heap_size_executable: 0,
    total_physical_size: 0,
    total_available_size: 0,
    used_heap_size: 0,
    heap_size_limit: 0,
    malloced_memory: 0,
    peak_malloced_memory: 0,
    does_zap_garbage: 0,
    number_of_native_contexts: 0,
    number_of_detached_contexts: 0,
    total_global_handles_size: 0,
    used_global_handles_size: 0,
    external_memory: 0
  });
  var getHeapSnapshot = () => {
    return import_node_stream.Readable.from(`{
    snapshot: {},
    nodes: [],
    edges: [],
    trace_function_infos: [],
    trace_tree: [],
    samples: [],
    locations: [],
    strings: [],
  }`);
  };
  var promiseHooks = {
    onInit: () => noop_default,
    onSettled: () => noop_default,
    onBefore: () => noop_default,
    onAfter: () => noop_default,
    createHook: () => noop_default
  };
  var serialize = (value) => Buffer.from(value);
  var setFlagsFromString = noop_default;
  var setHeapSnapshotNearHeapLimit = noop_default;
  var startupSnapshot = {
    addDeserializeCallback: noop_default,
    addSerializeCallback: noop_default,
    setDeserializeMainFunction: noop_default,
    isBuildingSnapshot: () => false
  };
  var stopCoverage = noop_default;
  var takeCoverage = noop_default;
  var writeHeapSnapshot = () => "";
  function queryObjects(_ctor, options) {
    if (options?.format === "count") {
      return 0;
    }
    return [];
  }
  var v8_default = {
    DefaultDeserializer,
    Deserializer,
    GCProfiler,
    DefaultSerializer,
    Serializer,
    cachedDataVersionTag,
    deserialize,
    getHeapCodeStatistics,
    getHeapSnapshot,
    getHeapSpaceStatistics,
    getHeapStatistics,
    promiseHooks,
    serialize,
    setFlagsFromString,
    setHeapSnapshotNearHeapLimit,
    startupSnapshot,
    stopCoverage,
    takeCoverage,
    writeHeapSnapshot,
    queryObjects
  };
  return __toCommonJS(v8_exports);
})();
return __module;
})()
