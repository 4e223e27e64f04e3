import Glibc

/// The 32 random bytes beside the database.
struct KeyFile {
    let path: String

    /// The key, or `nil` if there is no such file.
    func read() throws -> [UInt8]? {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw unavailable()
        }
        defer { Glibc.close(descriptor) }
        // Asked of the open file, not of the path: the two could differ.
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unavailable() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw StoreError(.keyFileMalformed, path: path) }
        guard status.st_mode & 0o077 == 0 else { throw StoreError(.keyFileExposed, path: path) }
        // One byte more than a key, to see a longer file.
        var bytes = [UInt8](repeating: 0, count: Sealer.keyLength + 1)
        var filled = 0
        while filled < bytes.count {
            let count = bytes.withUnsafeMutableBytes { buffer in
                let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
                return Glibc.read(descriptor, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unavailable() }
            if count == 0 { break }
            filled += count
        }
        guard filled == Sealer.keyLength else { throw StoreError(.keyFileMalformed, path: path) }
        return Array(bytes.prefix(filled))
    }

    /// Writes a new key if there is none, and returns the one that is there. Two processes that start
    /// together agree: the file appears whole, under its name, once.
    func create() throws -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        let draft = path + "." + String(generator.next() as UInt64, radix: 16)
        let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw unavailable() }
        defer {
            Glibc.close(descriptor)
            unlink(draft)
        }
        let key = (0..<Sealer.keyLength).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        guard key.withUnsafeBytes({ Glibc.write(descriptor, $0.baseAddress, $0.count) }) == key.count, fsync(descriptor) == 0
        else {
            throw unavailable()
        }
        guard link(draft, path) == 0 || errno == EEXIST else { throw unavailable() }
        try syncFolder()
        guard let present = try read() else { throw StoreError(.unavailable, path: path) }
        return present
    }

    /// The name must survive a power cut before anything is sealed with the key.
    private func syncFolder() throws {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "./"
        let descriptor = Glibc.open(String(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unavailable() }
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else { throw unavailable() }
    }

    private func unavailable() -> StoreError {
        StoreError(.unavailable, path: path, detail: String(cString: strerror(errno)))
    }
}
