// AES, ChaCha20-Poly1305 and triple DES as the crypto part of Deno's files drives it: contexts with a private field, padding, and the check of tags.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferIsView,
    Error,
    NumberParseInt,
    ObjectAssign,
    RangeError,
    RegExpPrototypeExec,
    SafeRegExp,
    StringPrototypeToLowerCase,
    TypeError,
    TypedArrayPrototypeFill,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetByteOffset,
    TypedArrayPrototypeSet,
    TypedArrayPrototypeSubarray,
    Uint8Array,
  } = primordials;
  const { op_eyot_cipher_aad, op_eyot_cipher_apply, op_eyot_cipher_new, op_eyot_cipher_tag } = core.ops;

  const NAME = new SafeRegExp("^(?:id-)?aes-?(128|192|256)(?:-?(cbc|ctr|ecb|gcm|ofb))?$");
  const DES = new SafeRegExp("^(?:des3|des-ede(3)?(?:-(cbc|ecb))?)$");
  const CHACHA = "chacha20-poly1305";
  const MODES = { __proto__: null, ecb: 0, cbc: 1, ctr: 2, gcm: 3, ofb: 4, chacha: 5 };
  const TRIPLE_DES = 6;
  const BLOCK = 16;
  const DES_BLOCK = 8;
  // One op does not work on more: between ops a CPU budget that has run out ends the script.
  const PIECE_BYTES = 1 << 18;
  const DES_PIECE_BYTES = 1 << 15;

  /** A typed array or buffer as its bytes, whatever lengths a script has put on the object. */
  function bytes(value) {
    if (!ArrayBufferIsView(value)) return new Uint8Array(value);
    return new Uint8Array(TypedArrayPrototypeGetBuffer(value), TypedArrayPrototypeGetByteOffset(value),
      TypedArrayPrototypeGetByteLength(value));
  }

  const failure = (make, message, code) => ObjectAssign(new make(message), { code });
  const unauthentic = () => new Error("Unsupported state or unable to authenticate data");

  class Context {
    #stream;
    #mode;
    #tagBytes;
    #blockBytes;

    constructor(name, key, iv, tagBytes, decrypt) {
      const { mode, keyBytes, blockBytes } = kindOf(name);
      [key, iv] = [bytes(key), bytes(iv)];
      const tags = isTagged(mode);
      const fits = mode === "chacha" ? iv.length === 12 : tags ? iv.length > 0 : iv.length === (mode === "ecb" ? 0 : blockBytes);
      if (!fits) throw failure(TypeError, "Invalid initialization vector", "ERR_CRYPTO_INVALID_IV");
      if (key.length !== keyBytes) throw failure(RangeError, "Invalid key length", "ERR_CRYPTO_INVALID_KEYLEN");
      this.#mode = mode;
      this.#blockBytes = blockBytes;
      this.#tagBytes = tagBytes === -1 ? BLOCK : tagBytes;
      if (tags) checkTagLength(this.#tagBytes, mode);
      this.#stream = op_eyot_cipher_new(blockBytes === DES_BLOCK ? TRIPLE_DES : MODES[mode], key, iv, decrypt);
    }

    static addData(context, data) {
      op_eyot_cipher_aad(context.#stream, bytes(data));
    }

    static apply(context, input, output) {
      [input, output] = [bytes(input), bytes(output)];
      const piece = context.#blockBytes === DES_BLOCK ? DES_PIECE_BYTES : PIECE_BYTES;
      for (let at = 0; at < input.length; at += piece) {
        const end = at + piece;
        op_eyot_cipher_apply(context.#stream, TypedArrayPrototypeSubarray(input, at, end), TypedArrayPrototypeSubarray(output, at, end));
      }
      return true;
    }

    static tag(context) {
      return isTagged(context.#mode) ? TypedArrayPrototypeSubarray(op_eyot_cipher_tag(context.#stream), 0, context.#tagBytes) : null;
    }

    static pad(context, pads, rest, output) {
      const block = new Uint8Array(context.#blockBytes);
      rest = bytes(rest);
      if (pads) TypedArrayPrototypeFill(block, block.length - rest.length);
      TypedArrayPrototypeSet(block, rest);
      apply(context, block, output);
      return null;
    }

    static modeOf(context) {
      return context.#mode;
    }

    static finish(context, pads, rest, output, tag) {
      if (isTagged(context.#mode)) {
        const expected = op_eyot_cipher_tag(context.#stream);
        tag = bytes(tag);
        let different = expected === null || tag.length === 0 ? 1 : 0;
        for (let i = 0; i < tag.length && expected !== null; i++) different |= tag[i] ^ expected[i];
        if (different !== 0) throw unauthentic();
        return;
      }
      rest = bytes(rest);
      const size = context.#blockBytes;
      if (rest.length !== size) {
        const streams = rest.length === 0 && (!pads || !hasBlocks(context.#mode));
        if (!streams) throw failure(Error, "wrong final block length", "ERR_OSSL_WRONG_FINAL_BLOCK_LENGTH");
        return;
      }
      apply(context, rest, output);
      if (!pads) return;
      const plain = bytes(output);
      const length = plain[size - 1];
      let wrong = length === 0 || length > size ? 1 : 0;
      for (let i = size - length; i >= 0 && i < size; i++) wrong |= plain[i] ^ length;
      if (wrong !== 0) throw failure(Error, "bad decrypt", "ERR_OSSL_BAD_DECRYPT");
    }
  }
  const { addData, apply, finish, modeOf, pad, tag } = Context;
  for (const name of ["addData", "apply", "finish", "modeOf", "pad", "tag"]) delete Context[name];

  /** The mode of a cipher, and the lengths of its keys and blocks. */
  function kindOf(name) {
    const plain = StringPrototypeToLowerCase(`${name}`);
    if (plain === CHACHA) return { __proto__: null, mode: "chacha", keyBytes: 32, blockBytes: BLOCK };
    const older = RegExpPrototypeExec(DES, plain);
    if (older !== null) {
      const three = plain === "des3";
      const mode = three ? "cbc" : older[2] ?? "ecb";
      return { __proto__: null, mode, keyBytes: three || older[1] !== undefined ? 24 : 16, blockBytes: DES_BLOCK };
    }
    const found = RegExpPrototypeExec(NAME, plain);
    if (found === null) throw new TypeError(`Unknown cipher ${name}`);
    return { __proto__: null, mode: found[2] ?? "cbc", keyBytes: NumberParseInt(found[1]) / 8, blockBytes: BLOCK };
  }

  const isTagged = (mode) => mode === "gcm" || mode === "chacha";
  const hasBlocks = (mode) => mode === "cbc" || mode === "ecb";

  function checkTagLength(length, mode) {
    const fits = mode === "chacha" ? length >= 1 && length <= 16 : length === 4 || length === 8 || (length >= 12 && length <= 16);
    if (!fits) throw failure(TypeError, `Invalid authentication tag length: ${length}`, "ERR_CRYPTO_INVALID_AUTH_TAG");
  }

  const cipher = {
    op_node_cipher_has_blocks: (name) => hasBlocks(kindOf(name).mode),
    op_node_create_cipheriv: (name, key, iv, tagBytes) => new Context(name, key, iv, tagBytes, false),
    op_node_cipheriv_encrypt: apply,
    op_node_cipheriv_final: pad,
    op_node_cipheriv_set_aad: addData,
    op_node_cipheriv_take: tag,
  };
  const decipher = {
    op_node_create_decipheriv: (name, key, iv, tagBytes) => new Context(name, key, iv, tagBytes, true),
    op_node_decipheriv_auth_tag: (context, length) => checkTagLength(length, modeOf(context)),
    op_node_decipheriv_decrypt: apply,
    op_node_decipheriv_final: finish,
    op_node_decipheriv_set_aad: addData,
  };
  return { cipher, decipher };
})()
