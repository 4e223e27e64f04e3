extension String {
    /// `==` on strings is canonical equivalence: it takes "é" for "e" with a combining accent. What an IdP
    /// asserts is bytes, and two subjects that differ in bytes are two people.
    func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
