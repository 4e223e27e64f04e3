import ArgumentParser
import ConfigurationFile
import FoundationEssentials

struct URLsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "urls", abstract: "Print what each identity provider needs to know about the gateway.")

    @OptionGroup var file: ConfigurationOption
    @Flag(help: "An array of objects instead of a table.") var json = false

    private struct Entry: Encodable {
        let name: String
        let organization: String
        let type: String
        let connection_id: String
        let redirect_url: String?
        let acs_url: String?
        let entity_id: String?
        let metadata_url: String?
    }

    func run() async throws {
        let urls = try ConfigurationReport.load(file.path).connectionURLs
        json ? try printJSON(urls) : printTable(urls)
    }

    private func printJSON(_ urls: [ConnectionURLs]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let entries = urls.map {
            Entry(
                name: $0.name, organization: $0.organization, type: $0.type.rawValue, connection_id: $0.connectionID.rawValue,
                redirect_url: $0.redirectURL, acs_url: $0.acsURL, entity_id: $0.entityID, metadata_url: $0.metadataURL)
        }
        Terminal.line(String(decoding: try encoder.encode(entries), as: UTF8.self))
    }

    private func printTable(_ urls: [ConnectionURLs]) {
        for url in urls {
            Terminal.line("\(url.name)  (\(url.type.rawValue), \(url.organization))")
            let rows = [
                ("connection id", url.connectionID.rawValue), ("redirect URL", url.redirectURL), ("ACS URL", url.acsURL),
                ("entity ID", url.entityID), ("SP metadata", url.metadataURL),
            ]
            for (label, value) in rows {
                if let value { Terminal.line("  " + label + String(repeating: " ", count: 15 - label.count) + value) }
            }
        }
    }
}
