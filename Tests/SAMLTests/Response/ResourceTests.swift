import CXMLSecurity
import Testing

@testable import SAML

@Suite struct ResourceTests {
    /// Pages of resident memory, from /proc.
    private func residentPages() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = fread(&buffer, 1, buffer.count, file)
        let fields = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
    }

    @Test("2,000 validations, half of them refused, leave no memory behind")
    func memory() {
        var response = TestResponse()
        response.signing = .both
        let good = Base64.encode(Array(response.xml().utf8))
        let bad = Base64.encode(Array(response.xml().replacing(">alice<", with: ">admin<").utf8))
        let expectations = TestResponse.expectations()
        func run(_ rounds: Int) {
            for _ in 0..<rounds {
                #expect(SAMLResponse.validate(base64: good, expecting: expectations).refusal == nil)
                #expect(SAMLResponse.validate(base64: bad, expecting: expectations).refusal == .signatureInvalid)
            }
        }
        run(100)
        let before = residentPages()
        run(1000)
        // A leaked tree is about 30 KiB: 2,000 of them would be 60 MB. Other suites run beside this one.
        #expect(residentPages() - before < 5000)
    }

    @Test("Validations on many threads at once agree")
    func threads() async {
        let good = Base64.encode(Array(TestResponse().xml().utf8))
        let accepted = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<50).count { _ in SAMLResponse.validate(base64: good, expecting: TestResponse.expectations()).refusal == nil }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(accepted == 400)
    }

    @Test("Every refusal has a label of its own, fit for a metric")
    func labels() {
        let labels = SAMLRefusal.allCases.map(\.label)
        #expect(Set(labels).count == labels.count)
        #expect(labels.allSatisfy { $0.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (0x61...0x7A).contains($0) } })
    }
}
