// deno_node 0.198.0, polyfills/internal/crypto/diffiehellman.ts, by scripts/vendor-node.mjs. Copyright the Deno authors and Node.js contributors. MIT license.
(function() {
  const { core, primordials } = __bootstrap;
  const {
    ArrayBufferPrototypeGetByteLength,
    ArrayIsArray,
    ArrayPrototypeFind,
    ArrayPrototypeIncludes,
    DataViewPrototypeGetBuffer,
    DataViewPrototypeGetByteLength,
    DataViewPrototypeGetByteOffset,
    Error,
    ObjectPrototypeIsPrototypeOf,
    String,
    StringPrototypeIncludes,
    TypeError,
    TypeErrorPrototype,
    TypedArrayPrototypeGetBuffer,
    TypedArrayPrototypeGetByteLength,
    TypedArrayPrototypeGetByteOffset
  } = primordials;
  const {
    op_node_dh_check,
    op_node_dh_compute_secret,
    op_node_dh_keys_generate_and_export,
    op_node_diffie_hellman,
    op_node_ecdh_compute_public_key,
    op_node_ecdh_compute_secret,
    op_node_ecdh_encode_pubkey,
    op_node_ecdh_generate_keys,
    op_node_ecdh_validate_private_key,
    op_node_ecdh_validate_public_key,
    op_node_gen_prime
  } = core.loadExtScript("ext:eyot_node/crypto_ops.js");
  const {
    isAnyArrayBuffer,
    isArrayBufferView,
    isTypedArray
  } = core.loadExtScript("ext:eyot_node/deno/internal/util/types.js");
  const {
    ERR_CRYPTO_ECDH_INVALID_FORMAT,
    ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY,
    ERR_CRYPTO_INCOMPATIBLE_KEY,
    ERR_CRYPTO_UNKNOWN_DH_GROUP,
    ERR_INVALID_ARG_TYPE,
    ERR_INVALID_ARG_VALUE,
    NodeError
  } = core.loadExtScript("ext:eyot_node/deno/internal/errors.js");
  const {
    validateInt32,
    validateString
  } = core.loadExtScript("ext:eyot_node/deno/internal/validators.js");
  const { Buffer } = core.loadExtScript("ext:eyot_node/deno/internal/buffer.js");
  const { deprecate } = core.loadExtScript("ext:eyot_node/deno/util.js");
  const {
    ellipticCurves,
    getDefaultEncoding,
    toBuf
  } = core.loadExtScript("ext:eyot_node/deno/internal/crypto/util.js");
  const {
    getArrayBufferOrView,
    getKeyObjectHandle,
    kConsumePrivate,
    kConsumePublic
  } = core.loadExtScript("ext:eyot_node/deno/internal/crypto/keys.js");
  const DH_GENERATOR = 2;
  function getViewParts(view) {
    if (isTypedArray(view)) {
      return {
        ab: TypedArrayPrototypeGetBuffer(view),
        off: TypedArrayPrototypeGetByteOffset(view),
        len: TypedArrayPrototypeGetByteLength(view)
      };
    }
    return {
      ab: DataViewPrototypeGetBuffer(view),
      off: DataViewPrototypeGetByteOffset(view),
      len: DataViewPrototypeGetByteLength(view)
    };
  }
  function DiffieHellman(sizeOrKey, keyEncoding, generator, genEncoding) {
    return new DiffieHellmanImpl(
      sizeOrKey,
      keyEncoding,
      generator,
      genEncoding
    );
  }
  class DiffieHellmanImpl {
    verifyError;
    #prime;
    #primeLength;
    #generator;
    #privateKey;
    #publicKey;
    #publicKeyNeedsUpdate = false;
    constructor(sizeOrKey, keyEncoding, generator, genEncoding) {
      if (typeof sizeOrKey !== "number" && typeof sizeOrKey !== "string" && !isArrayBufferView(sizeOrKey) && !isAnyArrayBuffer(sizeOrKey)) {
        throw new ERR_INVALID_ARG_TYPE(
          "sizeOrKey",
          [
            "number",
            "string",
            "ArrayBuffer",
            "Buffer",
            "TypedArray",
            "DataView"
          ],
          sizeOrKey
        );
      }
      if (typeof sizeOrKey === "number") {
        validateInt32(sizeOrKey, "sizeOrKey");
      }
      if (keyEncoding && !Buffer.isEncoding(keyEncoding) && keyEncoding !== "buffer") {
        genEncoding = generator;
        generator = keyEncoding;
        keyEncoding = false;
      }
      const encoding = getDefaultEncoding();
      keyEncoding = keyEncoding || encoding;
      genEncoding = genEncoding || encoding;
      if (typeof sizeOrKey !== "number") {
        if (isArrayBufferView(sizeOrKey) || isAnyArrayBuffer(sizeOrKey)) {
          if (isArrayBufferView(sizeOrKey)) {
            const parts = getViewParts(sizeOrKey);
            this.#prime = Buffer.from(parts.ab, parts.off, parts.len);
          } else {
            this.#prime = Buffer.from(
              sizeOrKey,
              0,
              ArrayBufferPrototypeGetByteLength(sizeOrKey)
            );
          }
        } else {
          this.#prime = toBuf(sizeOrKey, keyEncoding);
        }
      } else {
        this.#primeLength = sizeOrKey;
        if (this.#primeLength < 2) {
          throw new NodeError(
            "ERR_OSSL_DH_MODULUS_TOO_SMALL",
            "modulus too small"
          );
        }
        this.#prime = Buffer.from(
          TypedArrayPrototypeGetBuffer(
            op_node_gen_prime(this.#primeLength, false, null, null)
          )
        );
      }
      if (!generator) {
        generator = DH_GENERATOR;
      }
      if (typeof generator === "number") {
        validateInt32(generator, "generator");
        if (generator <= 0 || generator >= 2147483647) {
          throw new NodeError("ERR_OSSL_DH_BAD_GENERATOR", "bad generator");
        }
        if (generator <= 255) {
          this.#generator = Buffer.alloc(1);
          this.#generator.writeUint8(generator);
        } else if (generator <= 65535) {
          this.#generator = Buffer.alloc(2);
          this.#generator.writeUint16BE(generator);
        } else {
          this.#generator = Buffer.alloc(4);
          this.#generator.writeUint32BE(generator);
        }
      } else if (typeof generator === "string") {
        generator = toBuf(generator, genEncoding);
        this.#generator = generator;
      } else if (!isArrayBufferView(generator) && !isAnyArrayBuffer(generator)) {
        throw new ERR_INVALID_ARG_TYPE(
          "generator",
          [
            "number",
            "string",
            "ArrayBuffer",
            "Buffer",
            "TypedArray",
            "DataView"
          ],
          generator
        );
      } else {
        this.#generator = Buffer.from(generator);
      }
      this.#checkGenerator();
      this.verifyError = op_node_dh_check(this.#prime, this.#generator);
    }
    #checkGenerator() {
      let generator;
      if (this.#generator.length == 0) {
        throw new NodeError("ERR_OSSL_DH_BAD_GENERATOR", "bad generator");
      } else if (this.#generator.length == 1) {
        generator = this.#generator.readUint8();
      } else if (this.#generator.length == 2) {
        generator = this.#generator.readUint16BE();
      } else {
        generator = this.#generator.readUint32BE();
      }
      if (generator != 2 && generator != 5) {
        throw new NodeError("ERR_OSSL_DH_BAD_GENERATOR", "bad generator");
      }
      return generator;
    }
    computeSecret(otherPublicKey, inputEncoding, outputEncoding) {
      const buf = getArrayBufferOrView(otherPublicKey, "key", inputEncoding);
      if (buf.length === 0) {
        throw new NodeError(
          "ERR_CRYPTO_INVALID_KEYLEN",
          "Unspecified validation error"
        );
      }
      const sharedSecret = op_node_dh_compute_secret(
        this.#prime,
        this.#privateKey,
        buf
      );
      let secretBuf = Buffer.from(TypedArrayPrototypeGetBuffer(sharedSecret));
      const primeLen = this.#prime.length;
      if (secretBuf.length < primeLen) {
        const padded = Buffer.alloc(primeLen);
        secretBuf.copy(padded, primeLen - secretBuf.length);
        secretBuf = padded;
      }
      if (outputEncoding == void 0 || outputEncoding == "buffer") {
        return secretBuf;
      }
      return secretBuf.toString(outputEncoding);
    }
    generateKeys(_encoding) {
      const generator = this.#checkGenerator();
      if (this.#privateKey && this.#publicKey && !this.#publicKeyNeedsUpdate) {
        return this.#publicKey;
      }
      if (this.#privateKey) {
        const publicKey = op_node_dh_compute_secret(
          this.#prime,
          this.#privateKey,
          this.#generator
        );
        this.#publicKey = Buffer.from(TypedArrayPrototypeGetBuffer(publicKey));
        this.#publicKeyNeedsUpdate = false;
      } else {
        const keys = op_node_dh_keys_generate_and_export(
          this.#prime,
          this.#primeLength ?? 0,
          generator
        );
        this.#privateKey = Buffer.from(TypedArrayPrototypeGetBuffer(keys[0]));
        this.#publicKey = Buffer.from(TypedArrayPrototypeGetBuffer(keys[1]));
        this.#publicKeyNeedsUpdate = false;
      }
      return this.#publicKey;
    }
    getGenerator(encoding) {
      if (encoding !== void 0 && encoding != "buffer") {
        return this.#generator.toString(encoding);
      }
      return this.#generator;
    }
    getPrime(encoding) {
      if (encoding !== void 0 && encoding != "buffer") {
        return this.#prime.toString(encoding);
      }
      return this.#prime;
    }
    getPrivateKey(encoding) {
      if (encoding !== void 0 && encoding != "buffer") {
        return this.#privateKey.toString(encoding);
      }
      return this.#privateKey;
    }
    getPublicKey(encoding) {
      if (encoding !== void 0 && encoding != "buffer") {
        return this.#publicKey.toString(encoding);
      }
      return this.#publicKey;
    }
    setPrivateKey(privateKey, encoding) {
      if (encoding == void 0 || encoding == "buffer") {
        this.#privateKey = Buffer.from(privateKey);
      } else {
        this.#privateKey = Buffer.from(privateKey, encoding);
      }
      this.#publicKeyNeedsUpdate = true;
    }
    setPublicKey(publicKey, encoding) {
      if (encoding == void 0 || encoding == "buffer") {
        this.#publicKey = Buffer.from(publicKey);
      } else {
        this.#publicKey = Buffer.from(publicKey, encoding);
      }
    }
  }
  const DH_GROUP_NAMES = [
    "modp1",
    "modp2",
    "modp5",
    "modp14",
    "modp15",
    "modp16",
    "modp17",
    "modp18"
  ];
  const DH_GROUPS = {
    "modp1": {
      // 768-bit prime from RFC 2409
      prime: [
        4294967295,
        4294967295,
        3373259426,
        560513588,
        3301335691,
        2161908945,
        688016904,
        2322058356,
        34324134,
        991140642,
        1363806329,
        2385773789,
        4019526067,
        3443147547,
        808127085,
        4066317367,
        1340159341,
        1834074693,
        3833967990,
        1650360006,
        4098638569,
        2788832800,
        4294967295,
        4294967295
      ],
      generator: 2
    },
    "modp2": {
      // 1024-bit prime from RFC 2409
      prime: [
        4294967295,
        4294967295,
        3373259426,
        560513588,
        3301335691,
        2161908945,
        688016904,
        2322058356,
        34324134,
        991140642,
        1363806329,
        2385773789,
        4019526067,
        3443147547,
        808127085,
        4066317367,
        1340159341,
        1834074693,
        3833967990,
        1650360006,
        4098638569,
        2788683115,
        201284790,
        4094081005,
        3996675067,
        1518968741,
        2929665041,
        2085298150,
        1227384401,
        3974517633,
        4294967295,
        4294967295
      ],
      generator: 2
    },
    "modp5": {
      prime: [
        4294967295,
        4294967295,
        3373259426,
        560513588,
        3301335691,
        2161908945,
        688016904,
        2322058356,
        34324134,
        991140642,
        1363806329,
        2385773789,
        4019526067,
        3443147547,
        808127085,
        4066317367,
        1340159341,
        1834074693,
        3833967990,
        1650360006,
        4098638569,
        2788683115,
        201284790,
        4094081005,
        3996675067,
        1518968741,
        2929665041,
        2085298150,
        1227384401,
        3974388541,
        3254811832,
        2707668741,
        2564442166,
        475386778,
        1763065768,
        4247048031,
        2204458275,
        3701714326,
        476246870,
        545608379,
        2664769799,
        1888917101,
        1728853326,
        1253873668,
        4050938888,
        3391320871,
        4294967295,
        4294967295
      ],
      generator: 2
    },
    "modp14": {
      prime: [
        4294967295,
        4294967295,
        3373259426,
        560513588,
        3301335691,
        2161908945,
        688016904,
        2322058356,
        34324134,
        991140642,
        1363806329,
        2385773789,
        4019526067,
        3443147547,
        808127085,
        4066317367,
        1340159341,
        1834074693,
        3833967990,
        1650360006,
        4098638569,
        2788683115,
        201284790,
        4094081005,
        3996675067,
        1518968741,
        2929665041,
        2085298150,
        1227384401,
        3974388541,
        3254811832,
        2707668741,
        2564442166,
        475386778,
        1763065768,
        4247048031,
        2204458275,
        3701714326,
        476246870,
        545608379,
        2664769799,
        1888917101,
        1728853326,
        1253873668,
        4050938888,
        3390579068,
        848322118,
        775343675,
        3818813228,
        403604995,
        2603058082,
        3959923343,
        3049610736,
        1867272905,
        3727412214,
        2505578264,
        966084988,
        3935660773,
        366093848,
        2566522128,
        359829082,
        2326571624,
        4294967295,
        4294967295
      ],
      generator: 2
    },
    "modp15": {
      prime: [
        4294967295,
        4294967295,
        3373259426,
        560513588,
        3301335691,
        2161908945,
        688016904,
        2322058356,
        34324134,
        991140642,
        1363806329,
        2385773789,
        4019526067,
        3443147547,
        808127085,
        4066317367,
        1340159341,
        1834074693,
        3833967990,
        1650360006,
        4098638569,
        2788683115,
        201284790,
        4094081005,
        3996675067,
        1518968741,
        2929665041,
        2085298150,
        1227384401,
        3974388541,
        3254811832,
        2707668741,
        2564442166,
        475386778,
        1763065768,
        4247048031,
        2204458275,
        3701714326,
        476246870,
        545608379,
        2664769799,
        1888917101,
        1728853326,
        1253873668,
        4050938888,
        3390579068,
        848322118,
        775343675,
        3818813228,
        403604995,
        2603058082,
        3959923343,
        3049610736,
        1867272905,
        3727412214,
        2505578264,
        966084988,
        3935660773,
        366093848,
        2566522128,
        359829082,
        2326447149,
        2905806605,
        72383027,
        2824151467,
        3743201892,
        3975906564,
        1490808586,
        2330620247,
        1560677501,
        3013021573,
        2799822023,
        2885004940,
        3674813399,
        512529632,
        1243963805,
        3471036966,
        450031211,
        4046453254,
        3649701988,
        3631612531,
        1053321828,
        1377774360,
        393945100,
        3152090967,
        2053201260,
        1997113536,
        3134801634,
        149049248,
        1961208625,
        1138449404,
        3774681230,
        1266864416,
        2839204554,
        4294967295,
        4294967295
      ],
      generator: 2
    },
    "modp16": {
      prime: [
        4294967295,
        4294967295,
        3373259426,
        560513588,
        3301335691,
        2161908945,
        688016904,
        2322058356,
        34324134,
        991140642,
        1363806329,
        2385773789,
        4019526067,
        3443147547,
        808127085,
        4066317367,
        1340159341,
        1834074693,
        3833967990,
        1650360006,
        4098638569,
        2788683115,
        201284790,
        4094081005,
        3996675067,
        1518968741,
        2929665041,
        2085298150,
        1227384401,
        3974388541,
        3254811832,
        2707668741,
        2564442166,
        475386778,
        1763065768,
        4247048031,
        2204458275,
        3701714326,
        476246870,
        545608379,
        2664769799,
        1888917101,
        1728853326,
        1253873668,
        4050938888,
        3390579068,
        848322118,
        775343675,
        3818813228,
        403604995,
        2603058082,
        3959923343,
        3049610736,
        1867272905,
        3727412214,
        2505578264,
        966084988,
        3935660773,
        366093848,
        2566522128,
        359829082,
        2326447149,
        2905806605,
        72383027,
        2824151467,
        3743201892,
        3975906564,
        1490808586,
        2330620247,
        1560677501,
        3013021573,
        2799822023,
        2885004940,
        3674813399,
        512529632,
        1243963805,
        3471036966,
        450031211,
        4046453254,
        3649701988,
        3631612531,
        1053321828,
        1377774360,
        393945100,
        3152090967,
        2053201260,
        1997113536,
        3134801634,
        149049248,
        1961208625,
        1138449404,
        3774681230,
        1266864416,
        2837514241,
        443694098,
        2810701527,
        2289146384,
        3183106854,
        2579703576,
        1794433596,
        445933620,
        3054832602,
        629402058,
        718556392,
        3686515419,
        81694457,
        781122580,
        532597414,
        679237959,
        1315684445,
        2578617935,
        2693841826,
        591110534,
        1364977645,
        526461296,
        3470972847,
        3088833910,
        561006620,
        3490091303,
        3585104553,
        2478107288,
        2375015873,
        2264905692,
        2426847375,
        1307850185,
        872821145,
        4294967295,
        4294967295
      ],
      generator: 2
    },
    "modp17": {
      prime: [
        4294967295,
        4294967295,
        3373259426,
        560513588,
        3301335691,
        2161908945,
        688016904,
        2322058356,
        34324134,
        991140642,
        1363806329,
        2385773789,
        4019526067,
        3443147547,
        808127085,
        4066317367,
        1340159341,
        1834074693,
        3833967990,
        1650360006,
        4098638569,
        2788683115,
        201284790,
        4094081005,
        3996675067,
        1518968741,
        2929665041,
        2085298150,
        1227384401,
        3974388541,
        3254811832,
        2707668741,
        2564442166,
        475386778,
        1763065768,
        4247048031,
        2204458275,
        3701714326,
        476246870,
        545608379,
        2664769799,
        1888917101,
        1728853326,
        1253873668,
        4050938888,
        3390579068,
        848322118,
        775343675,
        3818813228,
        403604995,
        2603058082,
        3959923343,
        3049610736,
        1867272905,
        3727412214,
        2505578264,
        966084988,
        3935660773,
        366093848,
        2566522128,
        359829082,
        2326447149,
        2905806605,
        72383027,
        2824151467,
        3743201892,
        3975906564,
        1490808586,
        2330620247,
        1560677501,
        3013021573,
        2799822023,
        2885004940,
        3674813399,
        512529632,
        1243963805,
        3471036966,
        450031211,
        4046453254,
        3649701988,
        3631612531,
        1053321828,
        1377774360,
        393945100,
        3152090967,
        2053201260,
        1997113536,
        3134801634,
        149049248,
        1961208625,
        1138449404,
        3774681230,
        1266864416,
        2837514241,
        443694098,
        2810701527,
        2289146384,
        3183106854,
        2579703576,
        1794433596,
        445933620,
        3054832602,
        629402058,
        718556392,
        3686515419,
        81694457,
        781122580,
        532597414,
        679237959,
        1315684445,
        2578617935,
        2693841826,
        591110534,
        1364977645,
        526461296,
        3470972847,
        3088833910,
        561006620,
        3490091303,
        3585104553,
        2478107288,
        2375015873,
        2264905692,
        2426847375,
        1307850185,
        872580242,
        918813364,
        3531370534,
        3251952818,
        1613121246,
        3379895926,
        1035614141,
        4177499142,
        2912834318,
        3856349231,
        1093665198,
        2959758317,
        2418530353,
        395782064,
        2254080280,
        3661552619,
        3483047149,
        1154378938,
        3470048027,
        3682538567,
        3872138571,
        857755985,
        735555394,
        1874392065,
        931975871,
        1501809153,
        3326841580,
        4029868565,
        3513916675,
        4102215630,
        1853161206,
        3579736111,
        1184369794,
        3047702577,
        2416647326,
        1508362623,
        3200772339,
        598309502,
        919374014,
        253576631,
        4283980485,
        1272186802,
        725701802,
        3431951742,
        3209224664,
        348937938,
        260061152,
        2811696622,
        4070302504,
        111269259,
        3083197046,
        4115704381,
        2317336560,
        3944336561,
        2735986012,
        3663120876,
        787650098,
        947906775,
        1849427048,
        71208806,
        1061708014,
        314518875,
        192181462,
        3868522782,
        1842102308,
        4294967295,
        4294967295
      ],
      generator: 2
    },
    "modp18": {
      prime: [
        4294967295,
        4294967295,
        3373259426,
        560513588,
        3301335691,
        2161908945,
        688016904,
        2322058356,
        34324134,
        991140642,
        1363806329,
        2385773789,
        4019526067,
        3443147547,
        808127085,
        4066317367,
        1340159341,
        1834074693,
        3833967990,
        1650360006,
        4098638569,
        2788683115,
        201284790,
        4094081005,
        3996675067,
        1518968741,
        2929665041,
        2085298150,
        1227384401,
        3974388541,
        3254811832,
        2707668741,
        2564442166,
        475386778,
        1763065768,
        4247048031,
        2204458275,
        3701714326,
        476246870,
        545608379,
        2664769799,
        1888917101,
        1728853326,
        1253873668,
        4050938888,
        3390579068,
        848322118,
        775343675,
        3818813228,
        403604995,
        2603058082,
        3959923343,
        3049610736,
        1867272905,
        3727412214,
        2505578264,
        966084988,
        3935660773,
        366093848,
        2566522128,
        359829082,
        2326447149,
        2905806605,
        72383027,
        2824151467,
        3743201892,
        3975906564,
        1490808586,
        2330620247,
        1560677501,
        3013021573,
        2799822023,
        2885004940,
        3674813399,
        512529632,
        1243963805,
        3471036966,
        450031211,
        4046453254,
        3649701988,
        3631612531,
        1053321828,
        1377774360,
        393945100,
        3152090967,
        2053201260,
        1997113536,
        3134801634,
        149049248,
        1961208625,
        1138449404,
        3774681230,
        1266864416,
        2837514241,
        443694098,
        2810701527,
        2289146384,
        3183106854,
        2579703576,
        1794433596,
        445933620,
        3054832602,
        629402058,
        718556392,
        3686515419,
        81694457,
        781122580,
        532597414,
        679237959,
        1315684445,
        2578617935,
        2693841826,
        591110534,
        1364977645,
        526461296,
        3470972847,
        3088833910,
        561006620,
        3490091303,
        3585104553,
        2478107288,
        2375015873,
        2264905692,
        2426847375,
        1307850185,
        872580242,
        918813364,
        3531370534,
        3251952818,
        1613121246,
        3379895926,
        1035614141,
        4177499142,
        2912834318,
        3856349231,
        1093665198,
        2959758317,
        2418530353,
        395782064,
        2254080280,
        3661552619,
        3483047149,
        1154378938,
        3470048027,
        3682538567,
        3872138571,
        857755985,
        735555394,
        1874392065,
        931975871,
        1501809153,
        3326841580,
        4029868565,
        3513916675,
        4102215630,
        1853161206,
        3579736111,
        1184369794,
        3047702577,
        2416647326,
        1508362623,
        3200772339,
        598309502,
        919374014,
        253576631,
        4283980485,
        1272186802,
        725701802,
        3431951742,
        3209224664,
        348937938,
        260061152,
        2811696622,
        4070302504,
        111269259,
        3083197046,
        4115704381,
        2317336560,
        3944336561,
        2735986012,
        3663120876,
        787650098,
        947906775,
        1849427048,
        71208806,
        1061708014,
        314518875,
        192181462,
        3868522782,
        1841172825,
        1956876911,
        318694884,
        947354806,
        2838683532,
        3636380880,
        1941516730,
        1002975926,
        2375930624,
        1948231615,
        2331789293,
        628553363,
        1805919334,
        984310684,
        1524954472,
        874755188,
        737266040,
        596580043,
        3818743085,
        3825055934,
        4236544729,
        572665348,
        2751691783,
        334190504,
        438563015,
        880016484,
        1827287147,
        1271646342,
        797148637,
        4204612479,
        2730526696,
        2036871939,
        3982220602,
        103496949,
        3013769382,
        1831474168,
        1061484589,
        3744534240,
        1957390902,
        1167583385,
        2686803393,
        1693654213,
        138839325,
        4188751897,
        1575845537,
        2983530685,
        2129087859,
        4210256835,
        516924008,
        898647796,
        3951533970,
        1074348939,
        1209822423,
        2291793966,
        3589158955,
        3373862310,
        4228017735,
        2505630791,
        1450699178,
        2653966562,
        1985385695,
        3357497064,
        2159636081,
        1623818461,
        2565723103,
        4294967295,
        4294967295
      ],
      generator: 2
    }
  };
  DiffieHellman.prototype = DiffieHellmanImpl.prototype;
  function DiffieHellmanGroup(name) {
    return new DiffieHellmanGroupImpl(name);
  }
  class DiffieHellmanGroupImpl {
    verifyError;
    #diffiehellman;
    constructor(name) {
      if (!ArrayPrototypeIncludes(DH_GROUP_NAMES, name)) {
        throw new ERR_CRYPTO_UNKNOWN_DH_GROUP();
      }
      const words = DH_GROUPS[name].prime;
      const buf = Buffer.alloc(words.length * 4);
      for (let i = 0; i < words.length; i++) {
        buf.writeUInt32BE(words[i], i * 4);
      }
      this.#diffiehellman = new DiffieHellmanImpl(
        buf,
        DH_GROUPS[name].generator
      );
      this.verifyError = 0;
    }
    computeSecret(otherPublicKey, inputEncoding, outputEncoding) {
      return this.#diffiehellman.computeSecret(
        otherPublicKey,
        inputEncoding,
        outputEncoding
      );
    }
    generateKeys(encoding) {
      return this.#diffiehellman.generateKeys(encoding);
    }
    getGenerator(encoding) {
      return this.#diffiehellman.getGenerator(encoding);
    }
    getPrime(encoding) {
      return this.#diffiehellman.getPrime(encoding);
    }
    getPrivateKey(encoding) {
      return this.#diffiehellman.getPrivateKey(encoding);
    }
    getPublicKey(encoding) {
      return this.#diffiehellman.getPublicKey(encoding);
    }
  }
  DiffieHellmanGroup.prototype = DiffieHellmanGroupImpl.prototype;
  DiffieHellmanGroup.prototype.constructor = DiffieHellmanGroup;
  function ECDH(curve) {
    return new ECDHImpl(curve);
  }
  function validateEcdhFormat(format) {
    if (format !== "compressed" && format !== "uncompressed" && format !== "hybrid") {
      throw new ERR_CRYPTO_ECDH_INVALID_FORMAT(String(format));
    }
  }
  function ecdhEncode(buffer, encoding) {
    if (encoding === void 0 || encoding === "buffer") {
      return buffer;
    }
    return buffer.toString(encoding);
  }
  class ECDHImpl {
    #curve;
    // the selected curve
    #privbuf = null;
    // the private key
    #pubbuf = null;
    // the public key
    constructor(curve) {
      validateString(curve, "curve");
      const c = ArrayPrototypeFind(ellipticCurves, (x) => x.name == curve);
      if (c == void 0) {
        throw new Error("invalid curve");
      }
      this.#curve = c;
    }
    static convertKey(key, curve, inputEncoding, outputEncoding, format) {
      validateString(curve, "curve");
      const buf = getArrayBufferOrView(key, "key", inputEncoding);
      let compress;
      if (format) {
        if (format === "compressed") {
          compress = true;
        } else if (format === "hybrid" || format === "uncompressed") {
          compress = false;
        } else {
          throw new ERR_CRYPTO_ECDH_INVALID_FORMAT(format);
        }
      } else {
        compress = false;
      }
      let result;
      try {
        result = Buffer.from(
          op_node_ecdh_encode_pubkey(curve, buf, compress)
        );
      } catch (e) {
        if (ObjectPrototypeIsPrototypeOf(TypeErrorPrototype, e) && e.message === "Unsupported curve") {
          throw new TypeError("Invalid EC curve name");
        }
        throw new Error("Failed to convert Buffer to EC_POINT");
      }
      if (format === "hybrid") {
        const compressedBuf = Buffer.from(
          op_node_ecdh_encode_pubkey(curve, buf, true)
        );
        result[0] = compressedBuf[0] + 4;
      }
      if (outputEncoding && outputEncoding !== "buffer") {
        return result.toString(outputEncoding);
      }
      return result;
    }
    computeSecret(otherPublicKey, inputEncoding, outputEncoding) {
      if (this.#privbuf === null) {
        throw new ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY();
      }
      let otherBuf;
      if (typeof otherPublicKey === "string") {
        otherBuf = Buffer.from(otherPublicKey, inputEncoding);
      } else {
        const parts = getViewParts(otherPublicKey);
        otherBuf = Buffer.from(parts.ab, parts.off, parts.len);
      }
      const secretBuf = Buffer.alloc(this.#curve.sharedSecretSize);
      try {
        op_node_ecdh_compute_secret(
          this.#curve.name,
          this.#privbuf,
          this.#pubbuf,
          otherBuf,
          secretBuf
        );
      } catch (e) {
        const err = e;
        if (err && err.message === "Invalid key pair") {
          throw new Error("Invalid key pair");
        }
        throw new ERR_CRYPTO_ECDH_INVALID_PUBLIC_KEY();
      }
      return ecdhEncode(secretBuf, outputEncoding ?? "buffer");
    }
    generateKeys(encoding, format = "uncompressed") {
      validateEcdhFormat(format);
      const pubbuf = Buffer.alloc(
        format == "compressed" ? this.#curve.publicKeySizeCompressed : this.#curve.publicKeySize
      );
      const privbuf = Buffer.alloc(this.#curve.privateKeySize);
      op_node_ecdh_generate_keys(
        this.#curve.name,
        pubbuf,
        privbuf,
        format
      );
      this.#pubbuf = pubbuf;
      this.#privbuf = privbuf;
      if (format === "hybrid") {
        const compressedBuf = Buffer.from(op_node_ecdh_encode_pubkey(
          this.#curve.name,
          pubbuf,
          true
        ));
        pubbuf[0] = compressedBuf[0] + 4;
      }
      return ecdhEncode(pubbuf, encoding ?? "buffer");
    }
    getPrivateKey(encoding) {
      if (this.#privbuf === null) {
        throw new Error("Failed to get ECDH private key");
      }
      return ecdhEncode(this.#privbuf, encoding ?? "buffer");
    }
    getPublicKey(encoding, format = "uncompressed") {
      if (this.#pubbuf === null) {
        throw new Error("Failed to get ECDH public key");
      }
      validateEcdhFormat(format);
      const pubbuf = Buffer.from(op_node_ecdh_encode_pubkey(
        this.#curve.name,
        this.#pubbuf,
        format === "compressed"
      ));
      if (format === "hybrid") {
        const compressedBuf = Buffer.from(op_node_ecdh_encode_pubkey(
          this.#curve.name,
          this.#pubbuf,
          true
        ));
        pubbuf[0] = compressedBuf[0] + 4;
      }
      return ecdhEncode(pubbuf, encoding ?? "buffer");
    }
    setPrivateKey(privateKey, encoding) {
      let privbuf;
      if (typeof privateKey === "string") {
        privbuf = Buffer.from(privateKey, encoding);
      } else {
        const parts = getViewParts(privateKey);
        privbuf = Buffer.from(parts.ab, parts.off, parts.len);
      }
      if (!op_node_ecdh_validate_private_key(this.#curve.name, privbuf)) {
        throw new Error("Private key is not valid for specified curve");
      }
      const pubbuf = Buffer.alloc(this.#curve.publicKeySize);
      op_node_ecdh_compute_public_key(this.#curve.name, privbuf, pubbuf);
      this.#privbuf = privbuf;
      this.#pubbuf = pubbuf;
      return pubbuf;
    }
    setPublicKey(publicKey, encoding) {
      let pubbuf;
      if (typeof publicKey === "string") {
        pubbuf = Buffer.from(publicKey, encoding);
      } else {
        const parts = getViewParts(publicKey);
        pubbuf = Buffer.from(parts.ab, parts.off, parts.len);
      }
      if (!op_node_ecdh_validate_public_key(this.#curve.name, pubbuf)) {
        throw new Error("Failed to convert Buffer to EC_POINT");
      }
      this.#pubbuf = pubbuf;
    }
  }
  ECDH.prototype = ECDHImpl.prototype;
  ECDH.convertKey = ECDHImpl.convertKey;
  ECDH.prototype.setPublicKey = deprecate(
    ECDHImpl.prototype.setPublicKey,
    "ecdh.setPublicKey() is deprecated.",
    "DEP0031"
  );
  function statelessDH(privateKeyObject, publicKeyObject) {
    const privateKey = getKeyObjectHandle(privateKeyObject, kConsumePrivate);
    const publicKey = getKeyObjectHandle(publicKeyObject, kConsumePublic);
    const privType = privateKeyObject.asymmetricKeyType;
    const pubType = publicKeyObject.asymmetricKeyType;
    if (privType !== void 0 && pubType !== void 0 && privType !== pubType) {
      throw new ERR_CRYPTO_INCOMPATIBLE_KEY(
        "key types for Diffie-Hellman",
        `${privType} and ${pubType}`
      );
    }
    try {
      const bytes = op_node_diffie_hellman(privateKey, publicKey);
      return Buffer.from(bytes);
    } catch (err) {
      const e = err;
      if (e && typeof e.message === "string") {
        if (StringPrototypeIncludes(e.message, "mismatching domain parameters")) {
          e.code = "ERR_OSSL_MISMATCHING_DOMAIN_PARAMETERS";
        } else if (StringPrototypeIncludes(e.message, "failed during derivation")) {
          e.code = "ERR_OSSL_FAILED_DURING_DERIVATION";
        }
      }
      throw e;
    }
  }
  function diffieHellman(options, callback) {
    if (callback !== void 0 && typeof callback !== "function") {
      throw new ERR_INVALID_ARG_TYPE("callback", "function", callback);
    }
    if (typeof options !== "object" || options === null || ArrayIsArray(options)) {
      throw new ERR_INVALID_ARG_TYPE("options", "object", options);
    }
    if (!options.privateKey) {
      throw new ERR_INVALID_ARG_VALUE("options.privateKey", options.privateKey);
    }
    if (!options.publicKey) {
      throw new ERR_INVALID_ARG_VALUE("options.publicKey", options.publicKey);
    }
    if (callback) {
      try {
        const secret = statelessDH(options.privateKey, options.publicKey);
        callback(null, secret);
      } catch (err) {
        callback(err);
      }
      return;
    }
    return statelessDH(options.privateKey, options.publicKey);
  }
  return {
    DiffieHellman,
    DiffieHellmanGroup,
    ECDH,
    diffieHellman,
    default: {
      DiffieHellman,
      DiffieHellmanGroup,
      ECDH,
      diffieHellman
    }
  };
})()
