import ArgumentParser
import SignOn
import Storage

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "Rotate the keys that sign assertions.", subcommands: [RotateKeys.self])
}

struct RotateKeys: AdministrationCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Publish a new key now, which signs from a day later on.",
        discussion: "Keys rotate by themselves; this is for one that may have become known.")

    @OptionGroup var options: AdministrationOptions

    func act(_ administration: Administration, as administrator: Administrator) async throws -> String {
        guard let begins = try await administration.rotateKeys(by: administrator).get() else {
            return "A rotation is under way already."
        }
        return "The next key is published, and signs from \(InstantText.text(begins)) on."
    }
}
