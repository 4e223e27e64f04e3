/// Why a text was not read as JSON.
public enum JSONRefusal: String, Error, Sendable, Equatable, CaseIterable {
    /// More bytes than the caller allows.
    case tooLarge = "too_large"
    /// Arrays and objects nested too deep.
    case tooDeep = "too_deep"
    /// Too many values in one text.
    case tooManyValues = "too_many_values"
    /// Two members of one object with the same name: readers differ in which one they see.
    case duplicateName = "duplicate_name"
    /// Not JSON: grammar, UTF-8, a lone surrogate, a byte order mark, something after the value.
    case malformed
    /// A number that no double holds, or one of absurd length.
    case numberOutOfRange = "number_out_of_range"
}
