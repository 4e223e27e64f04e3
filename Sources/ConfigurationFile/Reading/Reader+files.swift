import Tenancy

/// Files that the configuration names.
extension Reader {
    /// What a secret, a key or a certificate may have, in bytes.
    static let maximumKeyFileBytes = 64 * 1024
    /// What an IdP's metadata document may have, in bytes; federations' aggregates are larger, and don't
    /// belong here.
    static let maximumMetadataBytes = 1024 * 1024

    func named<Key>(_ section: Section<Key>, _ key: Key, maximumBytes: Int, mustBePrivate: Bool) -> Located<String>? {
        guard let path = section.string(key) else { return nil }
        let shown = files.absolutePath(path.value)
        switch files.read(path.value, maximumBytes: maximumBytes) {
        case .failure(let problem):
            section.error(key, "\(shown) \(problem.sentence(maximumBytes: maximumBytes))")
        case .success(let file):
            if mustBePrivate, !file.isForOwnerAlone {
                section.error(key, "\(shown) can be read or changed by others than its owner: run chmod 600 on it")
                return nil
            }
            guard let text = String(validating: file.bytes, as: UTF8.self) else {
                section.error(key, "\(shown) is not text")
                return nil
            }
            if text.allSatisfy(\.isWhitespace) {
                section.error(key, "\(shown) is empty")
                return nil
            }
            return Located(value: text, line: path.line)
        }
        return nil
    }

    private func exactlyOne<Key>(_ section: Section<Key>, _ inline: Key, _ file: Key) -> Bool {
        guard section.has(inline), section.has(file) else { return true }
        section.error(file, "`\(inline.rawValue)` is given too: keep one of them")
        return false
    }

    private func warnOfInline<Key>(_ section: Section<Key>, _ inline: Key, _ file: Key) {
        guard isReadableByAll else { return }
        problems.warning(
            section.line(of: inline),
            "`\(inline.rawValue)` is in a file that everybody on this machine can read: use `\(file.rawValue)`, or run chmod 600 on this file"
        )
    }

    /// A secret of one line, written inline or in a file, whose last line end is dropped.
    func secret<Key>(_ section: Section<Key>, inline: Key, file: Key) -> Secret? {
        guard exactlyOne(section, inline, file) else { return nil }
        if section.has(inline) {
            warnOfInline(section, inline, file)
            return section.string(inline).map { Secret($0.value) }
        }
        guard let text = named(section, file, maximumBytes: Self.maximumKeyFileBytes, mustBePrivate: true) else { return nil }
        var line = text.value[...]
        if line.last?.isNewline == true { line.removeLast() }
        guard !String(line).hasControlCharacters else {
            section.error(file, "the file must hold the secret on one line and nothing else")
            return nil
        }
        return Secret(String(line))
    }

    /// Text of a file that is no secret.
    func document<Key>(_ section: Section<Key>, _ key: Key) -> Located<String>? {
        named(section, key, maximumBytes: Self.maximumMetadataBytes, mustBePrivate: false)
    }

    /// Certificates of an IdP, each as PEM text; RSA or EC keys strong enough.
    func certificates<Key>(_ section: Section<Key>, inline: Key, file: Key) -> [String]? {
        guard exactlyOne(section, inline, file) else { return nil }
        let key = section.has(inline) ? inline : file
        let text =
            section.has(inline)
            ? section.multilineText(inline)
            : named(section, file, maximumBytes: Self.maximumKeyFileBytes, mustBePrivate: false)
        return text.flatMap { certificateBlocks($0.value, section, key, allowsEd25519: false) }?.map(\.text)
    }

    /// How many certificates an IdP may sign with at a time: the one in use, its successor, and some slack.
    static let maximumCertificates = 10

    func certificateBlocks<Key>(_ text: String, _ section: Section<Key>, _ key: Key, allowsEd25519: Bool) -> [PEMBlock]? {
        let blocks: [PEMBlock]
        switch PEMBlock.all(in: text) {
        case .success(let found): blocks = found
        case .failure(let refusal):
            section.error(key, "\(refusal.sentence): it must hold PEM certificates (-----BEGIN CERTIFICATE-----)")
            return nil
        }
        guard blocks.count <= Self.maximumCertificates else {
            section.error(key, "it holds more than \(Self.maximumCertificates) certificates")
            return nil
        }
        for (index, block) in blocks.enumerated() {
            let which = blocks.count > 1 ? "certificate \(index + 1)" : "the certificate"
            guard block.label == "CERTIFICATE" else {
                section.error(key, "it holds a \(Shown.text(block.label)) where certificates belong: remove it")
                return nil
            }
            switch KeyStrength.ofCertificate(block.der) {
            case .failure(let refusal):
                section.error(key, "\(which) \(refusal.sentence)")
                return nil
            case .success(.ed25519) where !allowsEd25519:
                section.error(key, "\(which) has an Ed25519 key, with which XML can't be signed: ask the IdP for an RSA or ECDSA one")
                return nil
            case .success(let strength):
                guard let weakness = strength.weakness else { continue }
                section.error(key, "\(which) \(weakness)")
                return nil
            }
        }
        return blocks
    }

    /// Certificates of authorities, as PEM text.
    func authorities<Key>(_ section: Section<Key>, _ key: Key) -> String? {
        named(section, key, maximumBytes: Self.maximumKeyFileBytes, mustBePrivate: false)
            .flatMap { certificateBlocks($0.value, section, key, allowsEd25519: true) }
            .map { $0.map(\.text).joined(separator: "\n") }
    }

    /// A private key as PEM text; `rsaOnly` for XML encryption, which has no other key transport here.
    func privateKey<Key>(_ section: Section<Key>, inline: Key, file: Key, rsaOnly: Bool) -> Secret? {
        guard exactlyOne(section, inline, file) else { return nil }
        let key = section.has(inline) ? inline : file
        if section.has(inline) { warnOfInline(section, inline, file) }
        let text =
            section.has(inline)
            ? section.multilineText(inline)
            : named(section, file, maximumBytes: Self.maximumKeyFileBytes, mustBePrivate: true)
        return text.flatMap { privateKeyBlock($0.value, section, key, rsaOnly: rsaOnly) }.map { Secret($0.text) }
    }

    func privateKeyBlock<Key>(_ text: String, _ section: Section<Key>, _ key: Key, rsaOnly: Bool) -> PEMBlock? {
        switch PEMBlock.all(in: text) {
        case .failure(let refusal):
            section.error(key, "\(refusal.sentence): it must hold a PEM private key (-----BEGIN PRIVATE KEY-----)")
        case .success(let blocks):
            // OpenSSL writes the curve before an EC key.
            let keys = blocks.filter { $0.label.hasSuffix("PRIVATE KEY") }
            guard keys.count == 1, let block = keys.first else {
                section.error(key, "it must hold exactly one private key, and holds \(keys.count)")
                return nil
            }
            switch KeyStrength.ofPrivateKey(block) {
            case .failure(let refusal): section.error(key, "the private key \(refusal.sentence)")
            case .success(let strength):
                if let weakness = strength.weakness {
                    section.error(key, "the private key \(weakness)")
                } else if rsaOnly, !strength.isRSA {
                    section.error(key, "assertions are encrypted for RSA keys: make an RSA key of 3072 bits")
                } else {
                    return block
                }
            }
        }
        return nil
    }
}

extension PEMBlock.Refusal {
    fileprivate var sentence: String {
        switch self {
        case .noBlock: "there is no PEM block in it"
        case .unfinished: "a PEM block in it has no matching END line"
        case .notBase64: "a PEM block in it is not base64"
        case .encrypted: "the key is encrypted with a password; store it without one, readable by its owner alone"
        }
    }
}

extension KeyStrength {
    fileprivate var isRSA: Bool { if case .rsa = self { true } else { false } }

    /// After "the certificate" or "the private key"; `nil` for a strong key.
    fileprivate var weakness: String? {
        guard case .rsa(let bits) = self else { return nil }
        if bits < Self.rsaBits.lowerBound { return "has an RSA key of \(bits) bits: at least \(Self.rsaBits.lowerBound) are needed" }
        if bits > Self.rsaBits.upperBound { return "has an RSA key of \(bits) bits: at most \(Self.rsaBits.upperBound) are read" }
        return nil
    }
}

extension KeyStrength.Refusal {
    fileprivate var sentence: String {
        switch self {
        case .notDER: "is damaged: it is not DER inside"
        case .unknownAlgorithm: "has a key that is neither RSA nor ECDSA: use one of these"
        case .unknownCurve: "has an ECDSA key on a curve other than P-256, P-384 and P-521: use one of these"
        case .badExponent: "has an RSA key with an invalid public exponent: make a new key"
        }
    }
}
