import Glibc

@testable import Fetch

extension AddressRange {
    /// `127.0.0.0/8`. Tests alone: a wrong one is an empty range of nothing.
    static func network(_ text: String) -> [AddressRange] {
        let parts = text.split(separator: "/")
        guard parts.count == 2, let address = parts.first, let prefix = parts.last.flatMap({ Int($0) }),
            let bytes = SocketAddress.bytes(ofText: String(address)),
            let range = AddressRange(bytes: bytes, prefixLength: prefix)
        else { return [] }
        return [range]
    }

    static let loopback = network("127.0.0.0/8") + network("::1/128")
}

extension FetchClient {
    /// The error of a request, `nil` for a response.
    func failure(_ request: FetchRequest) async -> FetchError? {
        do throws(FetchError) {
            _ = try await send(request)
            return nil
        } catch {
            return error
        }
    }
}
