import Testing

@testable import ConfigurationFile

struct DERReaderTests {
    @Test(
        "what is refused",
        arguments: [
            [], [0x30], [0x30, 0x01], [0x30, 0x02, 0x00], [0x30, 0x80, 0x00, 0x00], [0x30, 0x81, 0x01, 0x00], [0x30, 0x82, 0x00, 0x80],
            [0x30, 0x81], [0x30, 0x84, 0x00, 0x00, 0x00, 0x00], [0x30, 0x83, 0xFF, 0xFF, 0xFF], [0x1F, 0x01, 0x00], [0x30, 0xFF],
        ] as [[UInt8]])
    func refused(bytes: [UInt8]) {
        var reader = DERReader(bytes)
        #expect(reader.next() == nil)
    }

    @Test("elements one after the other")
    func elements() {
        var reader = DERReader([0x02, 0x01, 0x05, 0x04, 0x00, 0x30, 0x81, 0x80] + [UInt8](repeating: 7, count: 128))
        #expect(reader.next(DERReader.Tag.sequence) == nil)
        #expect(reader.next(DERReader.Tag.integer) == [5])
        #expect(reader.next(DERReader.Tag.octetString) == [])
        #expect(reader.next(DERReader.Tag.sequence)?.count == 128)
        #expect(reader.isAtEnd)
    }

    @Test("every beginning of a certificate, and every certificate with one byte changed, is answered")
    func mutations() throws {
        let der = try #require(try PEMBlock.all(in: PEMFixture.strongCertificate).get().first).der
        #expect(KeyStrength.ofCertificate(der) == .success(.rsa(bits: 2048)))
        for count in 0..<der.count { #expect(KeyStrength.ofCertificate(Array(der.prefix(count))) == .failure(.notDER)) }
        #expect(KeyStrength.ofCertificate(der + [0]) == .failure(.notDER))
        // Whatever the answer, there is one: no trap.
        for index in der.indices {
            for value in [0x00, 0x7F, 0x80, 0xFF] as [UInt8] {
                var changed = der
                changed[index] = value
                _ = KeyStrength.ofCertificate(changed)
            }
        }
    }
}
