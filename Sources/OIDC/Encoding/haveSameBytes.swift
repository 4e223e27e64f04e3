/// Whether two texts are the same bytes, in a time that depends on their lengths only.
///
/// The one comparison for everything that identifies or proves: `iss`, `aud`, `sub`, `state`,
/// `nonce`, `at_hash`. The `==` of strings is neither constant in time nor a comparison of bytes:
/// it takes a composed and a decomposed letter for equal, and so two subjects for one.
public func haveSameBytes(_ left: String, _ right: String) -> Bool {
    haveSameBytes(Array(left.utf8), Array(right.utf8))
}

/// Whether two byte strings are the same, in a time that depends on their lengths only.
public func haveSameBytes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    var difference: UInt8 = 0
    for (leftByte, rightByte) in zip(left, right) { difference |= leftByte ^ rightByte }
    return difference == 0
}
