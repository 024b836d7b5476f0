// What libraries written for Node lean on: emitters, streams, buffers, hashes, compression, paths.
import { EventEmitter } from "node:events";
import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";
import path from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import util from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";

export default {
  async fetch() {
    const seen = [];
    const emitter = new EventEmitter().once("ready", (value) => seen.push(value));
    emitter.emit("ready", 1);
    await pipeline(
      Readable.from(["a", "b"]),
      new Transform({ transform: (chunk, _encoding, done) => done(null, `${chunk}!`) }),
      async (source) => {
        // How chunks are joined is each runtime's own affair.
        let text = "";
        for await (const chunk of source) text += chunk;
        seen.push(text);
      },
    );
    return Response.json({
      seen,
      digest: createHash("sha256").update("x").digest("base64url"),
      mac: createHmac("sha1", "key").update("x").digest("hex"),
      derived: pbkdf2Sync("p", "s", 10, 16, "sha256").toString("hex"),
      equal: timingSafeEqual(Buffer.from("a"), Buffer.from("a")),
      joined: path.join("a", "..", "b", path.basename("/c/d.txt", ".txt")),
      text: gunzipSync(gzipSync("packed")).toString(),
      shown: util.inspect({ a: [1, { b: new Map([["k", 1]]) }] }, { depth: 4 }),
    });
  },
};
