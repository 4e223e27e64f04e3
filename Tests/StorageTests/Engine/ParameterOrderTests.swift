import Testing

@testable import Storage

@Suite struct ParameterOrderTests {
    @Test(
        "Parameters are counted where they first appear",
        arguments: [
            ("SELECT 1", []),
            ("SELECT $1", [1]),
            ("UPDATE m SET email = $2 WHERE id = $1", [2, 1]),
            ("VALUES ($1, $2), ($2, $1)", [1, 2]),
            ("$10$9 $11", [10, 9, 11]),
        ] as [(String, [Int])])
    func order(_ sql: String, _ numbers: [Int]) {
        #expect(ParameterOrder(sql).numbers == numbers)
    }
}
