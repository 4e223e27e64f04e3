import Glibc

/// One message of text and open descriptors over a unix socket (SCM_RIGHTS, unix(7)).
enum DescriptorMessage {
    /// SCM_MAX_FD of Linux is 253; far more than a gateway has listeners.
    static let maximumDescriptors = 64
    static let maximumTextBytes = 16 * 1024
    /// `struct cmsghdr`; CMSG_ALIGN rounds to its alignment.
    private static let headerBytes = MemoryLayout<cmsghdr>.size

    static func send(_ text: String, _ descriptors: [Int32], on socket: Int32) -> Bool {
        var bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= maximumTextBytes, descriptors.count <= maximumDescriptors else { return false }
        let dataBytes = descriptors.count * MemoryLayout<Int32>.size
        var control = [UInt64](repeating: 0, count: (headerBytes + dataBytes + 7) / 8)
        let controlBytes = control.count * 8
        let sent = control.withUnsafeMutableBytes { memory in
            bytes.withUnsafeMutableBytes { text in
                memory.storeBytes(of: headerBytes + dataBytes, toByteOffset: 0, as: Int.self)
                memory.storeBytes(of: SOL_SOCKET, toByteOffset: MemoryLayout<Int>.size, as: Int32.self)
                memory.storeBytes(of: Int32(SCM_RIGHTS), toByteOffset: MemoryLayout<Int>.size + 4, as: Int32.self)
                for (index, descriptor) in descriptors.enumerated() {
                    memory.storeBytes(of: descriptor, toByteOffset: headerBytes + index * 4, as: Int32.self)
                }
                var part = iovec(iov_base: text.baseAddress, iov_len: text.count)
                return withUnsafeMutablePointer(to: &part) { part in
                    var message = msghdr()
                    message.msg_iov = part
                    message.msg_iovlen = 1
                    message.msg_control = memory.baseAddress
                    message.msg_controllen = controlBytes
                    return sendmsg(socket, &message, Int32(MSG_NOSIGNAL))
                }
            }
        }
        return sent == bytes.count
    }

    /// The next message; its descriptors are the caller's. `nil`: the other side has closed, or sent something else.
    static func receive(on socket: Int32) -> (text: String, descriptors: [Int32])? {
        var bytes = [UInt8](repeating: 0, count: maximumTextBytes)
        var control = [UInt64](repeating: 0, count: (headerBytes + maximumDescriptors * 4 + 7) / 8)
        let capacity = control.count * 8
        var descriptors: [Int32] = []
        var count = 0
        control.withUnsafeMutableBytes { memory in
            bytes.withUnsafeMutableBytes { text in
                var part = iovec(iov_base: text.baseAddress, iov_len: text.count)
                withUnsafeMutablePointer(to: &part) { part in
                    var message = msghdr()
                    message.msg_iov = part
                    message.msg_iovlen = 1
                    message.msg_control = memory.baseAddress
                    message.msg_controllen = capacity
                    count = recvmsg(socket, &message, Int32(MSG_CMSG_CLOEXEC))
                    guard count > 0, message.msg_controllen >= headerBytes,
                        memory.load(fromByteOffset: MemoryLayout<Int>.size, as: Int32.self) == SOL_SOCKET,
                        memory.load(fromByteOffset: MemoryLayout<Int>.size + 4, as: Int32.self) == Int32(SCM_RIGHTS)
                    else { return }
                    let end = min(memory.load(fromByteOffset: 0, as: Int.self), message.msg_controllen)
                    var offset = headerBytes
                    while offset + 4 <= end {
                        descriptors.append(memory.load(fromByteOffset: offset, as: Int32.self))
                        offset += 4
                    }
                }
            }
        }
        guard count > 0 else { return nil }
        return (String(decoding: bytes.prefix(count), as: UTF8.self), descriptors)
    }
}
