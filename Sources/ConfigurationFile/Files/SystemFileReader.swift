import Glibc

/// Reads from the file system.
public struct SystemFileReader: FileReader {
    /// Absolute; where relative paths begin.
    private let folder: String

    public init(folder: String) { self.folder = folder }

    public func absolutePath(_ path: String) -> String {
        path.hasPrefix("/") ? path : folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }

    public func read(_ path: String, maximumBytes: Int) -> Result<NamedFile, FileProblem> {
        // O_NONBLOCK: opening a FIFO must not wait for a writer.
        let descriptor = open(absolutePath(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(FileProblem(errno)) }
        defer { close(descriptor) }
        // The open file is asked, not the path: what is judged is what is read.
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .failure(FileProblem(errno)) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .failure(.notARegularFile) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(FileProblem(errno)) }
            guard count > 0 else { break }
            guard bytes.count + count <= maximumBytes else { return .failure(.tooLarge) }
            bytes.append(contentsOf: buffer.prefix(count))
        }
        return .success(NamedFile(bytes: bytes, permissions: UInt32(status.st_mode) & 0o777))
    }
}

extension FileProblem {
    init(_ code: Int32) {
        switch code {
        case ENOENT, ENOTDIR: self = .notFound
        case EACCES, EPERM: self = .notPermitted
        default: self = .other(code)
        }
    }

    /// After "`/path` ".
    func sentence(maximumBytes: Int) -> String {
        switch self {
        case .notFound: "does not exist"
        case .notPermitted: "can't be read: give the gateway's user permission"
        case .notARegularFile: "is not a regular file"
        case .tooLarge: "is larger than \(maximumBytes) bytes"
        case .other(let code): "can't be read: \(String(cString: strerror(code)))"
        }
    }
}

extension SystemFileReader {
    /// The process's working directory; "/" where it can't be told.
    static var currentFolder: String {
        guard let text = getcwd(nil, 0) else { return "/" }
        defer { free(text) }
        return String(cString: text)
    }
}
