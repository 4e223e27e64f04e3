import Foundation
import Storage
import Testing

/// An engine that the whole suite runs on. Another one is another case here.
enum StoreFixture: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case sqlite

    var testDescription: String { rawValue }

    /// Runs `body` with a database of its own, and removes it.
    func withDatabase<T>(_ body: (TestDatabase) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("store-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(TestDatabase(folder: folder.path))
    }

    /// Runs `body` with an open store.
    func withStore<T>(_ body: (Store) async throws -> T) async throws -> T {
        try await withDatabase { database in
            let store = try await database.open()
            do {
                let result = try await body(store)
                try await store.close()
                return result
            } catch {
                try? await store.close()
                throw error
            }
        }
    }
}

struct TestDatabase {
    let folder: String

    var path: String { folder + "/gateway.db" }
    var keyPath: String { path + ".key" }

    func open() async throws -> Store { try await Store.open(.sqlite(path: path), polling: .manual) }

    func mode(of path: String) throws -> Int {
        try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }
}

/// The code of the `StoreError` that `body` throws; anything else is an issue.
func storeErrorCode(
    sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> some Any
) async -> StoreError.Code? {
    do {
        _ = try await body()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        return nil
    } catch let error as StoreError {
        return error.code
    } catch {
        Issue.record("thrown: \(error)", sourceLocation: sourceLocation)
        return nil
    }
}
