import Crypto
package import FoundationEssentials

extension Team {
    /// Its content as it is stored: one JSON object with sorted keys.
    package func document() throws(InvalidCatalog) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(self)
        } catch {
            throw InvalidCatalog(.team(id), field: "", "cannot be written as JSON")
        }
    }

    /// Reads a stored document by the same rules as a new team.
    package init(document: Data) throws(InvalidCatalog) {
        guard let stored = try? JSONDecoder().decode(Team.self, from: document) else {
            throw InvalidCatalog(.team("?"), field: "", "the stored document is incomplete or has a wrong type")
        }
        try self.init(id: stored.id, policies: stored.policies)
    }

    /// Which content a document has: its SHA-256, in hex.
    package static func version(ofDocument document: Data) -> String {
        hexadecimal(SHA256.hash(data: document))
    }
}
