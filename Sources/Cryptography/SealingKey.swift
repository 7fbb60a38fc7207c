import CNIOBoringSSL

/// A key that seals secrets for storage: AES-256-GCM (NIST SP 800-38D) with a nonce made at random for each, which is safe for
/// four billion of them under one key (section 8.3 there).
package struct SealingKey: Sendable {
    /// How many bytes a key has.
    package static let length = 32
    private static let (nonceLength, tagLength) = (12, 16)

    private let key: KeyBytes

    /// `nil` if those are not 32 bytes.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.length else { return nil }
        key = KeyBytes(bytes)
    }

    /// The key that HKDF-SHA256 (RFC 5869, without salt) derives from `secret` for `purpose`: whoever has it can find neither the secret
    /// nor the keys for other purposes.
    ///
    /// - Parameter secret: at least 32 bytes that nobody can guess.
    package init(derivedFrom secret: UnsafeRawBufferPointer, purpose: String) {
        let purpose = Array(purpose.utf8)
        key = KeyBytes(count: Self.length) { key in
            let isDerived = HKDF(
                key.baseAddress, key.count, EVP_sha256(), secret.assumingMemoryBound(to: UInt8.self).baseAddress,
                secret.count, nil, 0, purpose, purpose.count)
            // It fails only without memory; then a key that opens nothing.
            if isDerived != 1 { key.fillWithRandomBytes() }
        }
    }

    /// Nonce, encrypted text and tag; `nil` if there is no memory for them. They can be opened only with the same `context`,
    /// which is not in them.
    package func seal(_ plain: UnsafeRawBufferPointer, context: String) -> [UInt8]? {
        let nonce = (0..<Self.nonceLength).map { _ in UInt8.random(in: .min ... .max) }
        let context = Array(context.utf8)
        let capacity = plain.count + Self.tagLength
        var length = 0
        let sealed = [UInt8](unsafeUninitializedCapacity: capacity) { sealed, count in
            let isSealed = withCipher { cipher in
                EVP_AEAD_CTX_seal(
                    cipher, sealed.baseAddress, &length, capacity, nonce, nonce.count,
                    plain.assumingMemoryBound(to: UInt8.self).baseAddress, plain.count, context, context.count)
            }
            count = isSealed ? length : 0
        }
        return sealed.count == capacity ? nonce + sealed : nil
    }

    /// Gives `body` what was sealed, in memory that is wiped after that. `nil` unless it was sealed with this key and that
    /// context, and not a bit has changed since.
    package func open<Result>(
        _ sealed: [UInt8], context: String, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result? {
        guard sealed.count >= Self.nonceLength + Self.tagLength else { return nil }
        let (nonce, box) = (Array(sealed.prefix(Self.nonceLength)), Array(sealed.dropFirst(Self.nonceLength)))
        let context = Array(context.utf8)
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: box.count) { plain in
            var length = 0
            let isOpen = withCipher { cipher in
                EVP_AEAD_CTX_open(
                    cipher, plain.baseAddress, &length, plain.count, nonce, nonce.count, box, box.count, context,
                    context.count)
            }
            defer { OPENSSL_cleanse(plain.baseAddress, plain.count) }
            return isOpen ? body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(plain)[..<length])) : nil
        }
    }

    private func withCipher(_ body: (UnsafeMutablePointer<EVP_AEAD_CTX>) -> CInt) -> Bool {
        let cipher = key.withBytes { key in
            EVP_AEAD_CTX_new(
                EVP_aead_aes_256_gcm(), key.baseAddress, key.count, Self.tagLength)
        }
        guard let cipher else { return false }
        defer { EVP_AEAD_CTX_free(cipher) }
        return body(cipher) == 1
    }
}
