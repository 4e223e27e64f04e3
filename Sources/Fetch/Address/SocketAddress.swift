import Glibc

/// Network-order bytes of socket addresses.
enum SocketAddress {
    /// 4 or 16 bytes; `nil` for every family but IPv4 and IPv6.
    static func bytes(of address: UnsafePointer<sockaddr>, family: Int32) -> [UInt8]? {
        // Through the raw pointer and the field's offset: `sockaddr` itself is too short for IPv6.
        let raw = UnsafeRawPointer(address)
        switch family {
        case AF_INET:
            guard let offset = MemoryLayout<sockaddr_in>.offset(of: \.sin_addr) else { return nil }
            return [UInt8](UnsafeRawBufferPointer(start: raw + offset, count: 4))
        case AF_INET6:
            guard let offset = MemoryLayout<sockaddr_in6>.offset(of: \.sin6_addr) else { return nil }
            return [UInt8](UnsafeRawBufferPointer(start: raw + offset, count: 16))
        default: return nil
        }
    }

    /// An address in its usual text form.
    static func bytes(ofText text: UnsafePointer<CChar>) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let family = strchr(text, Int32(UInt8(ascii: ":"))) == nil ? AF_INET : AF_INET6
        guard inet_pton(family, text, &bytes) == 1 else { return nil }
        return family == AF_INET ? Array(bytes.prefix(4)) : bytes
    }
}
