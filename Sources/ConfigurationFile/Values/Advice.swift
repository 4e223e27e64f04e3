/// Why a value was refused, as a clause that tells what to write instead. Follows the key and the value
/// in a message.
struct Advice: Error, Equatable {
    var text: String

    init(_ text: String) { self.text = text }
}
