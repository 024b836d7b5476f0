// Private keys under a password: PKCS #8 with PBES2, RFC 8018, and the PEM that OpenSSL had before, with MD5.
//
// Keys are derived by the same loops as `crypto.pbkdf2`, so that a CPU budget that runs out ends what a document asks for.
(function () {
  const { core, primordials } = __bootstrap;
  const {
    Error,
    MathClz32,
    NumberParseInt,
    ObjectAssign,
    RegExpPrototypeExec,
    SafeRegExp,
    StringPrototypeSlice,
    StringPrototypeStartsWith,
    StringPrototypeToLowerCase,
    StringPrototypeToUpperCase,
    TypeError,
    TypedArrayPrototypeFill,
    TypedArrayPrototypeSet,
    TypedArrayPrototypeSubarray,
    Uint8Array,
  } = primordials;
  const der = core.loadExtScript("ext:eyot_node/der.js");
  const { OCTET_STRING, NULL, SEQUENCE, block, children, derOf, element, integer, made, numberOf, oid, oidOf, pem } = der;
  const { cipher, decipher } = core.loadExtScript("ext:eyot_node/crypto_ciphers.js");
  // They load this.
  const ops = () => core.loadExtScript("ext:eyot_node/crypto_ops.js");

  const PBES2 = "1.2.840.113549.1.5.13";
  const PBKDF2 = "1.2.840.113549.1.5.12";
  const SCRYPT = "1.3.6.1.4.1.11591.4.11";
  const HMAC = "1.2.840.113549.2.";
  const HASHES = { __proto__: null, 7: "sha1", 8: "sha224", 9: "sha256", 10: "sha384", 11: "sha512" };
  const AES = "2.16.840.1.101.3.4.1.";
  const scheme = (name, keyBytes, blockBytes, id) => ({ __proto__: null, name, keyBytes, blockBytes, id });
  const SCHEMES = [
    scheme("aes-128-cbc", 16, 16, `${AES}2`),
    scheme("aes-192-cbc", 24, 16, `${AES}22`),
    scheme("aes-256-cbc", 32, 16, `${AES}42`),
    scheme("des-ede3-cbc", 24, 8, "1.2.840.113549.3.7"),
  ];
  const AES_NAME = new SafeRegExp(/^aes-?(128|192|256)$/);
  const OLD = new SafeRegExp(/^\s*Proc-Type: 4,ENCRYPTED\s+DEK-Info: ([A-Z0-9-]{1,20}),([0-9A-F]{16,32})\s+([A-Za-z0-9+/=\s]+)$/);
  const SALT_BYTES = 16;
  const MD5_BYTES = 16;
  const ITERATIONS = 2048;
  const DOCUMENT_BYTES_MAX = 32 << 10;
  const SEALED = "ENCRYPTED PRIVATE KEY";

  const failure = (Kind, message, code) => ObjectAssign(new Kind(message), { code });
  const unknown = () => failure(Error, "error:0308010C:digital envelope routines::unsupported", "ERR_OSSL_EVP_UNSUPPORTED");
  const wrong = () => failure(Error, "error:1C800064:Provider routines::bad decrypt", "ERR_OSSL_BAD_DECRYPT");

  function demanded(password) {
    if (password === undefined || password === null) {
      throw failure(TypeError, "Passphrase required for encrypted key", "ERR_MISSING_PASSPHRASE");
    }
    return password;
  }

  function unsealed({ name, blockBytes }, key, iv, sealed) {
    if (sealed.length === 0 || sealed.length % blockBytes !== 0) throw wrong();
    const plain = new Uint8Array(sealed.length);
    const context = decipher.op_node_create_decipheriv(name, key, iv, -1);
    decipher.op_node_decipheriv_decrypt(context, sealed, plain);
    const pad = plain[plain.length - 1];
    if (pad === 0 || pad > blockBytes) throw wrong();
    for (let i = 1; i <= pad; i++) if (plain[plain.length - i] !== pad) throw wrong();
    return TypedArrayPrototypeSubarray(plain, 0, plain.length - pad);
  }

  function sealed({ name, blockBytes }, key, iv, plain) {
    const pad = blockBytes - plain.length % blockBytes;
    const padded = TypedArrayPrototypeFill(new Uint8Array(plain.length + pad), pad);
    TypedArrayPrototypeSet(padded, plain);
    const context = cipher.op_node_create_cipheriv(name, key, iv, -1);
    const output = new Uint8Array(padded.length);
    cipher.op_node_cipheriv_encrypt(context, padded, output);
    return output;
  }

  // PBES2.

  /** PBKDF2 or scrypt, as a document asks for them. */
  function derived({ 0: name, 1: parameters }, password, bytes) {
    const key = new Uint8Array(bytes);
    const given = children(parameters.content);
    const salt = given[0].content;
    switch (oidOf(name.content)) {
      case PBKDF2: {
        let hash = "sha1";
        for (let i = 2; i < given.length; i++) {
          if (given[i].tag !== SEQUENCE) continue;
          const prf = oidOf(children(given[i].content)[0].content);
          if (!StringPrototypeStartsWith(prf, HMAC)) throw unknown();
          hash = HASHES[StringPrototypeSlice(prf, HMAC.length)];
        }
        if (hash === undefined) throw unknown();
        ops().op_node_pbkdf2(password, salt, numberOf(given[1].content), hash, key);
        return key;
      }
      case SCRYPT: {
        const [cost, blocks, parallel] = [numberOf(given[1].content), numberOf(given[2].content), numberOf(given[3].content)];
        const log2 = 31 - MathClz32(cost);
        if (cost !== 2 ** log2) throw unknown();
        ops().op_node_scrypt_sync(password, salt, bytes, log2, blocks, parallel, 0, key);
        return key;
      }
      default:
        throw unknown();
    }
  }

  /** The PKCS #8 document in an encrypted one; null where it is none. */
  function ofPkcs8(document, password) {
    let parts;
    try {
      parts = children(element(document, SEQUENCE).content);
      if (parts.length !== 2 || parts[0].tag !== SEQUENCE || parts[1].tag !== OCTET_STRING) return null;
    } catch {
      return null;
    }
    const { 0: scheme, 1: parameters } = children(parts[0].content);
    if (oidOf(scheme.content) !== PBES2) throw unknown();
    const { 0: derivation, 1: encryption } = children(parameters.content);
    const { 0: name, 1: iv } = children(encryption.content);
    const used = schemeWith("id", oidOf(name.content));
    if (used === undefined) throw unknown();
    const key = derived(children(derivation.content), demanded(password), used.keyBytes);
    return unsealed(used, key, iv.content, parts[1].content);
  }

  function schemeWith(member, value) {
    for (let i = 0; i < SCHEMES.length; i++) if (SCHEMES[i][member] === value) return SCHEMES[i];
    return undefined;
  }

  function schemeOf(given) {
    const name = StringPrototypeToLowerCase(given);
    const short = RegExpPrototypeExec(AES_NAME, name);
    const found = schemeWith("name", short !== null ? `aes-${short[1]}-cbc` : name === "des3" ? "des-ede3-cbc" : name);
    if (found === undefined) throw failure(Error, "Unknown cipher", "ERR_CRYPTO_UNKNOWN_CIPHER");
    return found;
  }

  function random(length) {
    const bytes = new Uint8Array(length);
    core.loadExtScript("ext:eyot/crypto.js").crypto.getRandomValues(bytes);
    return bytes;
  }

  /** A PKCS #8 document under a password. */
  function sealPkcs8(document, name, password) {
    const used = schemeOf(name);
    const [salt, iv, key] = [random(SALT_BYTES), random(used.blockBytes), new Uint8Array(used.keyBytes)];
    ops().op_node_pbkdf2(password, salt, ITERATIONS, "sha256", key);
    const prf = made(SEQUENCE, oid(`${HMAC}9`), made(NULL));
    const derivation = made(SEQUENCE, made(OCTET_STRING, salt), integer(ITERATIONS), prf);
    const encryption = made(SEQUENCE, oid(used.id), made(OCTET_STRING, iv));
    const parameters = made(SEQUENCE, made(SEQUENCE, oid(PBKDF2), derivation), encryption);
    return made(SEQUENCE, made(SEQUENCE, oid(PBES2), parameters), made(OCTET_STRING, sealed(used, key, iv, document)));
  }

  // OpenSSL's older PEM.

  /** Its derivation: MD5 over what came before, the password, and eight bytes of the vector. */
  function oldKey({ keyBytes }, password, iv) {
    const { op_node_create_hash, op_node_hash_digest, op_node_hash_update } = ops();
    const key = new Uint8Array(keyBytes);
    let before = new Uint8Array(0);
    for (let at = 0; at < key.length; at += MD5_BYTES) {
      const hasher = op_node_create_hash("md5");
      op_node_hash_update(hasher, before);
      op_node_hash_update(hasher, password);
      op_node_hash_update(hasher, TypedArrayPrototypeSubarray(iv, 0, 8));
      before = op_node_hash_digest(hasher);
      TypedArrayPrototypeSet(key, TypedArrayPrototypeSubarray(before, 0, key.length - at), at);
    }
    return key;
  }

  function sealOld(document, label, name, password) {
    const used = schemeOf(name);
    const iv = random(used.blockBytes);
    const upper = StringPrototypeToUpperCase(`${used.name},${der.hex(iv)}`);
    const head = `Proc-Type: 4,ENCRYPTED\nDEK-Info: ${upper}\n\n`;
    return pem(label, sealed(used, oldKey(used, password, iv), iv, document), head);
  }

  function ofHex(text) {
    const bytes = new Uint8Array(text.length / 2);
    for (let i = 0; i < bytes.length; i++) bytes[i] = NumberParseInt(StringPrototypeSlice(text, 2 * i, 2 * i + 2), 16);
    return bytes;
  }

  /** What a private key is read from: the bytes, their format and type, opened if they are under a password. */
  function opened(data, format, type, password) {
    const plain = { __proto__: null, data, format, type };
    if (data.length > DOCUMENT_BYTES_MAX) return plain;
    if (format !== "pem") {
      const inner = type === "pkcs8" || type === "" ? ofPkcs8(data, password) : null;
      return inner === null ? plain : { __proto__: null, data: inner, format, type: "pkcs8" };
    }
    let old = null;
    const found = block(core.decode(data), (label, body) => {
      if (label === SEALED) return true;
      if (label !== "RSA PRIVATE KEY" && label !== "EC PRIVATE KEY") return false;
      return (old = RegExpPrototypeExec(OLD, body)) !== null;
    });
    if (found === null) return plain;
    if (found.label === SEALED) {
      const inner = ofPkcs8(derOf(found.body), password);
      if (inner === null) return plain;
      return { __proto__: null, data: inner, format: "der", type: "pkcs8" };
    }
    const [used, iv] = [schemeOf(old[1]), ofHex(old[2])];
    if (iv.length !== used.blockBytes) throw wrong();
    const inner = unsealed(used, oldKey(used, demanded(password), iv), iv, derOf(old[3]));
    return { __proto__: null, data: inner, format: "der", type: found.label === "EC PRIVATE KEY" ? "sec1" : "pkcs1" };
  }

  return { SEALED, opened, sealOld, sealPkcs8, wrong };
})()
