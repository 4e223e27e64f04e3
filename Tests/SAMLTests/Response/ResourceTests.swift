import CXMLSecurity
import Testing

@testable import SAML

@Suite struct ResourceTests {
    /// Pages of resident memory, from /proc.
    private static func residentPages() -> Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = fread(&buffer, 1, buffer.count, file)
        let fields = String(decoding: buffer.prefix(count), as: UTF8.self).split(separator: " ")
        return fields.count > 1 ? Int(fields[1]) ?? 0 : 0
    }

    /// In a process of its own: the suites that run beside this one would be in the figure. A leak grows
    /// in every round, so the smallest growth counts. A leaked tree is about 30 KiB, a round of them 4,000
    /// pages.
    @Test("2,500 validations, half of them refused, leave no memory behind")
    func memory() async {
        await #expect(processExitsWith: .success) {
            var response = TestResponse()
            response.signing = .both
            let good = Base64.encode(Array(response.xml().utf8))
            let bad = Base64.encode(Array(response.xml().replacing(">alice<", with: ">admin<").utf8))
            let expectations = TestResponse.expectations()
            let growth = (0..<5).map { _ in
                let before = Self.residentPages()
                #expect(before > 0)
                for _ in 0..<250 {
                    #expect(SAMLResponse.validate(base64: good, expecting: expectations).refusal == nil)
                    #expect(SAMLResponse.validate(base64: bad, expecting: expectations).refusal == .signatureInvalid)
                }
                return Self.residentPages() - before
            }
            #expect(growth.min() ?? .max < 400, "\(growth)")
        }
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
