import AccessControl
import StrictYAML

/// `requirements`: what every request under a policy must have.
struct RequirementsField: Decodable {
    let requirements: Requirements

    private struct Fields: Decodable {
        let reason: Bool?
        let ticket: TicketField?
        let mfa: MFAField?
        let networks: NetworksField?
        let times: [TimeField]?
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        requirements = try decoder.checked { () throws(InvalidRequirement) in
            try Requirements(
                reason: fields.reason, ticket: fields.ticket?.patterns, mfa: fields.mfa?.requirement,
                networks: fields.networks?.networks, times: fields.times?.map(\.time))
        }
    }
}

/// One pattern, or a list of them.
private struct TicketField: Decodable {
    let patterns: TicketPatterns

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let texts = try (try? container.decode(String.self)).map { [$0] } ?? container.decode([String].self)
        patterns = try decoder.checked { () throws(InvalidRequirement) in try TicketPatterns(texts) }
    }
}

/// `true`, or what exactly.
private struct MFAField: Decodable {
    let requirement: MFARequirement

    private struct Fields: Decodable {
        let within: ConfiguredDuration?
        let amr: [String]?
        let acr: [String]?
    }

    init(from decoder: any Decoder) throws {
        if let word = try? decoder.singleValueContainer().decode(String.self) {
            guard word == "true" else { throw decoder.refusal("must be true, or a mapping of within, amr and acr") }
            requirement = try decoder.checked { () throws(InvalidRequirement) in try MFARequirement() }
            return
        }
        let fields = try Fields(from: decoder)
        // Who names classes alone means these alone.
        let methods = fields.amr ?? (fields.acr == nil ? MFARequirement.defaultMethods : [])
        requirement = try decoder.checked { () throws(InvalidRequirement) in
            try MFARequirement(
                withinSeconds: fields.within?.duration.wholeSeconds, methods: methods, classes: fields.acr ?? [])
        }
    }
}

private struct NetworksField: Decodable {
    let networks: NetworkList

    init(from decoder: any Decoder) throws {
        let texts = try [String](from: decoder)
        networks = try decoder.checked { () throws(InvalidRequirement) in try NetworkList(texts) }
    }
}

/// `{days: [Monday], from: "08:00", to: "18:00", zone: Europe/Berlin}`; the zone must be one that this machine knows.
private struct TimeField: Decodable {
    let time: AllowedTime

    private struct Fields: Decodable {
        let days: [String]?
        let from: String?
        let to: String?
        let zone: String?
    }

    init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        let time = try decoder.checked { () throws(InvalidRequirement) in
            try AllowedTime(
                days: fields.days ?? AllowedTime.everyDay, from: fields.from ?? "00:00", to: fields.to ?? "24:00",
                zone: fields.zone ?? "UTC")
        }
        do throws(UnknownZone) {
            _ = try ZoneFiles.offsets(of: time.zone)
        } catch {
            throw decoder.refusal("has the zone \"\(time.zone)\", which \(error.problem)")
        }
        self.time = time
    }
}

extension Decoder {
    /// What `make` makes, or its fault at this place.
    fileprivate func checked<Value>(_ make: () throws(InvalidRequirement) -> Value) throws -> Value {
        do throws(InvalidRequirement) { return try make() } catch { throw refusal(error.problem) }
    }
}
