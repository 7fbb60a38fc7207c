/// The parameters of a call in the AWS query protocol, with lists spelled `Name.member.N` or `Name.member.N.Field`.
struct QueryParameters: Sendable {
    private var values: [String: String] = [:]

    init(_ form: FormParameters) throws(STSFault) {
        for field in form.fields {
            guard values.updateValue(field.value, forKey: field.name) == nil else {
                throw STSFault(.malformedInput, "The parameter '\(field.name.prefix(128))' is given more than once.")
            }
        }
    }

    subscript(_ name: String) -> String? { values[name] }

    func integer(_ name: String) throws(STSFault) -> Int? {
        guard let text = values[name] else { return nil }
        guard let value = Int(text), value.magnitude < 1_000_000_000 else {
            throw STSFault(.malformedInput, "'\(text.prefix(64))' is not an integer at '\(name)'.")
        }
        return value
    }

    /// The elements of a list, from 1 on without gaps; `fields` names what each element has, or nothing for plain texts.
    func list(_ name: String, fields: [String]) throws(STSFault) -> [[String?]] {
        let prefix = "\(name).member."
        var elements: [[String?]] = []
        let given = values.keys.filter { $0.hasPrefix(prefix) }
        var used = 0
        while used < given.count {
            let element = "\(prefix)\(elements.count + 1)"
            let names = fields.isEmpty ? [element] : fields.map { "\(element).\($0)" }
            let found = names.map { values[$0] }
            let count = found.filter { $0 != nil }.count
            guard count > 0 else {
                throw STSFault(.malformedInput, "The list '\(name)' has a gap or an unknown field.")
            }
            used += count
            elements.append(found)
        }
        return elements
    }
}
