import AccessControl
import FoundationEssentials
import GRDB
import Synchronization

/// Policies and teams, read anew each time, but decoded only where the stored text isn't that of the last time: decoding takes several
/// times as long as reading.
final class DecodedCatalog: Sendable {
    private let policies = DecodedItems<AccessPolicy>()
    private let teams = DecodedItems<Team>()

    /// A policy that is broken keeps back no team.
    func excerpt(policy id: String, teams ids: [String], in database: Database) throws -> CatalogExcerpt {
        let teams = try teams(ids, in: database)
        do {
            return CatalogExcerpt(policy: .success(try policy(id, in: database)), teams: teams)
        } catch StoreError.unreadable(let what) {
            return CatalogExcerpt(policy: .failure(.unreadable(what)), teams: teams)
        }
    }

    func policy(_ id: String, in database: Database) throws -> AccessPolicy? {
        guard let row = try database.cachedRow("SELECT version, document FROM policies WHERE id = ?", [id]) else {
            return nil
        }
        let document: String = row["document"]
        let policy = try policies.item(id, stored: document) { try AccessPolicy(stored: document, id: id) }
        guard policy.version == PolicyVersion(stored: row["version"]) else {
            throw StoreError.unreadable("policy \"\(id)\": its content is not what its version says")
        }
        return policy
    }

    /// Those that exist.
    func teams(_ ids: [String], in database: Database) throws -> [Team] {
        try ids.compactMap { id in
            let document = try database.cachedValue(String.self, "SELECT document FROM teams WHERE id = ?", [id])
            return try document.map { document in
                try teams.item(id, stored: document) { try Team(stored: document, id: id) }
            }
        }
    }
}

/// What some texts mean, by the ids under which they are stored.
private final class DecodedItems<Item: Sendable>: Sendable {
    /// As many as a large company has; most of them have a kilobyte or two.
    private static var mostItems: Int { 16_384 }

    private let items = Mutex<[String: (text: String, item: Item)]>([:])

    func item(_ id: String, stored text: String, decode: () throws -> Item) rethrows -> Item {
        // By bytes: equal texts may be composed of other code points, and then they have another version.
        if let known = items.withLock({ $0[id] }), known.text.utf8.elementsEqual(text.utf8) { return known.item }
        let item = try decode()
        items.withLock { items in
            if items.count >= Self.mostItems, items[id] == nil { items.removeAll() }
            items[id] = (text, item)
        }
        return item
    }
}

extension AccessPolicy {
    /// Fails unless the document is a whole policy with that id.
    fileprivate init(stored document: String, id: String) throws(StoreError) {
        do {
            try self.init(document: Data(document.utf8))
        } catch {
            throw .unreadable("policy \"\(id)\": \(error.field.isEmpty ? "" : error.field + " ")\(error.problem)")
        }
        guard self.id == id else { throw .unreadable("policy \"\(id)\": its content is that of another") }
    }
}

extension Team {
    fileprivate init(stored document: String, id: String) throws(StoreError) {
        guard let team = try? JSONDecoder().decode(Team.self, from: Data(document.utf8)), team.id == id else {
            throw .unreadable("team \"\(id)\"")
        }
        self = team
    }
}
