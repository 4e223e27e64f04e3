import Testing

@testable import Storage

struct SealerTests {
    private let sealer = Sealer(key: [UInt8](repeating: 7, count: 32))
    private let plain = Array("plain".utf8)
    private let row = Array("row".utf8)

    @Test("A sealed value opens for its key, purpose and row alone")
    func bound() throws {
        let sealed = try sealer.seal(plain, for: .signingKey, row: row)
        #expect(sealer.open(sealed, for: .signingKey, row: row) == plain)
        #expect(sealer.open(sealed, for: .oneTimeRecord, row: row) == nil)
        #expect(sealer.open(sealed, for: .signingKey, row: Array("other".utf8)) == nil)
        #expect(Sealer(key: [UInt8](repeating: 8, count: 32)).open(sealed, for: .signingKey, row: row) == nil)
    }

    @Test("A changed, cut or empty value does not open")
    func tampered() throws {
        let sealed = try sealer.seal(plain, for: .signingKey, row: row)
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(sealer.open(changed, for: .signingKey, row: row) == nil)
            #expect(sealer.open(Array(sealed.prefix(index)), for: .signingKey, row: row) == nil)
        }
    }

    @Test("The same value is sealed differently each time")
    func nonces() throws {
        let sealed = try (0..<50).map { _ in try sealer.seal(plain, for: .signingKey, row: row) }
        #expect(Set(sealed).count == 50)
        #expect(sealed.allSatisfy { $0.count == 1 + 12 + plain.count + 16 })
    }
}
