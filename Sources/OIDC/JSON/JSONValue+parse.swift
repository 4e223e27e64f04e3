extension JSONValue {
    /// Reads one JSON text, strictly: UTF-8 without byte order mark, no duplicate names, no lone
    /// surrogates, nothing but white space around the value, and bounded size, depth and number of
    /// values.
    /// - Parameter maximumBytes: the largest text that is looked at.
    public static func parse(_ bytes: [UInt8], maximumBytes: Int) -> Result<JSONValue, JSONRefusal> {
        guard bytes.count <= maximumBytes else { return .failure(.tooLarge) }
        var parser = JSONParser(bytes: bytes)
        do throws(JSONRefusal) {
            return .success(try parser.parseText())
        } catch {
            return .failure(error)
        }
    }
}
