/// Which of the valid names was probably meant.
enum Nearest {
    /// The candidate with the smallest edit distance, the first in order among equals; `nil` without candidates.
    static func name(to text: String, among candidates: some Sequence<String>) -> (name: String, distance: Int)? {
        candidates.map { (name: $0, distance: distance($0, text)) }.min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    }

    /// "; did you mean `x`?" where a candidate is close enough to be a slip of the finger; otherwise "".
    static func suggestion(for text: String, among candidates: some Sequence<String>) -> String {
        guard let nearest = name(to: text, among: candidates), isSlip(nearest.distance, in: text) else { return "" }
        return "; did you mean `\(nearest.name)`?"
    }

    static func isSlip(_ distance: Int, in text: String) -> Bool { distance <= max(2, text.utf8.count / 3) }

    /// What is compared at most, in bytes: the work is the product of both lengths.
    static let maximumBytes = 128

    /// Optimal string alignment: insertions, deletions, replacements and swaps of neighbours, over bytes.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.utf8.prefix(maximumBytes)), b = Array(right.utf8.prefix(maximumBytes))
        guard !a.isEmpty else { return b.count }
        guard !b.isEmpty else { return a.count }
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i]
            for j in 1...b.count {
                var best = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] { best = min(best, beforeLast[j - 2] + 1) }
                row.append(best)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
