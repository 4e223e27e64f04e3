/// A consistent view of the store. Valid only inside the closure that received it.
public class ReadTransaction {
    let sql: any SQLConnection
    let sealer: Sealer

    init(_ connection: any SQLConnection, sealer: Sealer) {
        sql = connection
        self.sealer = sealer
    }

    /// The first row of the answer. Only for statements that can have one at most.
    func row(_ text: String, _ values: [SQLValue]) throws -> SQLRow? {
        try sql.rows(text, values).first
    }
}
