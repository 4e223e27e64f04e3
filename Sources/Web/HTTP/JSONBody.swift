import FoundationEssentials

/// Error bodies (contract: "Errors").
enum JSONBody {
    private struct Body: Encodable {
        let values: [(String, String)]
        let status: Int

        private struct Key: CodingKey {
            let stringValue: String
            let intValue: Int? = nil
            init(_ text: String) { stringValue = text }
            init?(stringValue: String) { self.init(stringValue) }
            init?(intValue: Int) { return nil }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(status, forKey: Key("status_code"))
            for (name, value) in values { try container.encode(value, forKey: Key(name)) }
        }
    }

    static func error(
        status: Int, requestID: String, type: String, message: String, more: [(String, String)]
    ) -> [UInt8] {
        let body = Body(
            values: [
                ("request_id", requestID), ("error_type", type), ("error_message", message), ("error_url", ""),
            ] + more, status: status)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings and one integer: there is nothing in it that could fail to encode.
        return (try? encoder.encode(body)).map { [UInt8]($0) } ?? Array("{}".utf8)
    }
}
