import ArgumentParser
import BrokerAPI
import FoundationEssentials
import HTTPExchange
import StrictYAML

struct PolicyPushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Bring the policies and teams of a file to the broker.",
        discussion: """
            For administrators, where the API governs policies. Writes each policy and team that differs, and stops at the first that \
            is refused; what was written before stays. What somebody else changes meanwhile is not overwritten. With --json, each change is one \
            JSON object a line.
            """)

    @OptionGroup var options: BrokerOptions

    @Argument(help: "A file as policies.yaml.")
    var file: String

    @Flag(help: "Also remove policies and teams that the file doesn't have.")
    var prune = false

    func run() async throws {
        let wanted: WantedCatalog
        do {
            wanted = try WantedCatalog(file: file)
        } catch {
            throw Obstacle("Error: \(error.what).")
        }
        try await options.run { broker in
            for item in wanted.policies { try await push(item, to: .policies, broker) }
            for item in wanted.teams { try await push(item, to: .teams, broker) }
            guard prune else { return }
            try await remove(from: .teams, except: Set(wanted.teams.map(\.id)), broker)
            try await remove(from: .policies, except: Set(wanted.policies.map(\.id)), broker)
        }
    }

    private func push(_ item: WantedItem, to collection: AdministeredCollection, _ broker: BrokerAccess) async throws {
        let current = try await broker.client.administered(collection, id: item.id, idToken: broker.idToken)
        let written: AdministeredItem
        do {
            written = try await broker.client.write(
                collection, id: item.id, body: item.body, instead: current?.version, idToken: broker.idToken)
        } catch {
            tell("\(collection.rawValue) \(Excerpt.quoted(item.id)) is refused:")
            throw error
        }
        guard written.revision != current?.revision else { return }
        try say(current == nil ? "created" : "changed", item.id, in: collection)
        for warning in written.warnings ?? [] { tell("warning: \(Excerpt.line(warning))") }
    }

    private func remove(
        from collection: AdministeredCollection, except wanted: Set<String>, _ broker: BrokerAccess
    ) async throws {
        for item in try await PolicyListCommand.all(collection, broker) where !wanted.contains(item.id) {
            guard let version = item.version else { continue }
            try await broker.client.remove(collection, id: item.id, version: version, idToken: broker.idToken)
            try say("removed", item.id, in: collection)
        }
    }

    /// At once, as what comes after it may be refused.
    private func say(_ change: String, _ id: String, in collection: AdministeredCollection) throws {
        guard options.json else { return print("\(collection.rawValue) \(Excerpt.quoted(id)) \(change)") }
        print(try JSONText.line(["collection": collection.rawValue, "id": id, "change": change]))
    }
}

/// A policy or team of a file, as the API takes it.
struct WantedItem: Equatable {
    let id: String
    /// JSON.
    let body: [UInt8]
}

/// What a file has. What it means, the broker says.
struct WantedCatalog: Equatable {
    let policies: [WantedItem]
    let teams: [WantedItem]

    init(file: String) throws(ImportFault) {
        guard let data = try? Data(contentsOf: URL(filePath: file)),
            let text = String(validating: Array(data), as: UTF8.self)
        else { throw ImportFault("\(file) can't be read") }
        try self.init(text, file: file)
    }

    init(_ text: String, file: String) throws(ImportFault) {
        let document: PlainValue
        do throws(InvalidYAML) {
            document = try StrictYAML.plainValue(of: text, file: file)
        } catch {
            throw ImportFault(error.description)
        }
        guard case .mapping(let pairs) = document else { throw ImportFault("\(file) must have policies and teams") }
        if let pair = pairs.first(where: { !["policies", "teams"].contains($0.key) }) {
            throw ImportFault("\(file) has an unknown key \(Excerpt.quoted(pair.key))")
        }
        policies = try Self.items(document["policies"], "\(file): policies")
        teams = try Self.items(document["teams"], "\(file): teams")
    }

    private static func items(_ value: PlainValue?, _ name: String) throws(ImportFault) -> [WantedItem] {
        guard let value, value != .null else { return [] }
        guard case .list(let elements) = value else { throw ImportFault("\(name) must be a list") }
        var items: [WantedItem] = []
        for (index, element) in elements.enumerated() {
            guard case .text(let id)? = element["id"], !id.isEmpty, let body = try? JSONEncoder().encode(element) else {
                throw ImportFault("\(name)[\(index)] must have an id")
            }
            guard !items.contains(where: { $0.id == id }) else {
                throw ImportFault("\(name)[\(index)] has the id of an earlier one: \(Excerpt.quoted(id))")
            }
            items.append(WantedItem(id: id, body: Array(body)))
        }
        return items
    }
}
