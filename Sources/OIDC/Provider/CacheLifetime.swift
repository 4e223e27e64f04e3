/// For how long an answer may be reused, by its headers (RFC 9111).
enum CacheLifetime {
    /// `max-age` less `Age`, in milliseconds, within the bounds; the default where there is none,
    /// and the lower bound for `no-store`, `no-cache` and what can't be read: these documents are
    /// needed at every sign-in, and asking each time would put the provider under our load.
    static func milliseconds(of response: IncomingResponse) -> Int64 {
        var seconds: Int64?
        for directive in response.values(of: "cache-control").flatMap({ $0.split(separator: ",") }) {
            let parts = directive.split(separator: "=", maxSplits: 1).map { trim($0).lowercased() }
            switch parts.first {
            case "no-store", "no-cache": return ProviderTimes.minimumFreshness
            case "max-age": seconds = min(seconds ?? .max, parts.count == 2 ? number(parts[1]) : 0)
            default: continue
            }
        }
        guard let seconds else { return ProviderTimes.defaultFreshness }
        let age = response.values(of: "age").first.map { number(trim(Substring($0))) } ?? 0
        let fresh = max(0, seconds - age) * 1000
        return min(max(fresh, ProviderTimes.minimumFreshness), ProviderTimes.maximumFreshness)
    }

    /// Seconds in decimal, quoted or not, at most ten years; 0 for anything else.
    private static func number(_ text: String) -> Int64 {
        let digits = text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
        guard !digits.isEmpty, digits.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else { return 0 }
        return min(Int64(digits) ?? .max, 315_360_000)
    }

    private static func trim(_ text: Substring) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let tail = text.drop(while: isSpace)
        return String(tail.reversed().drop(while: isSpace).reversed())
    }
}
