import BrokerAPI

/// Asks a person for what a request lacks.
struct RequestQuestions {
    let policies: [PolicySummary]
    /// The answer to a question; `nil` at the end of input.
    let ask: (String) -> String?

    /// Fails if the person ends the input, or names what there isn't.
    func complete(_ call: inout RequestCall, asksForPolicy: Bool) throws(ConfigurationFault) {
        if asksForPolicy { call.policy = try policy() }
        if call.durationSeconds == nil { call.durationSeconds = try duration() }
        if call.reason == nil {
            let reason = try answer("Why, for those who decide (nothing for none):")
            call.reason = reason.isEmpty ? nil : reason
        }
    }

    private func policy() throws(ConfigurationFault) -> String {
        guard !policies.isEmpty else { throw ConfigurationFault(message: "Your teams may request no policy.") }
        for (index, policy) in policies.enumerated() {
            tell("  \(index + 1)  \(TextTable.printable("\(policy.id)  \(policy.description)"))")
        }
        let text = try answer("Which policy (its number or name):")
        if let named = policies.first(where: { $0.id == text }) { return named.id }
        guard let number = Int(text), policies.indices.contains(number - 1) else {
            throw ConfigurationFault(message: "There is no such policy; stsbroker policies lists them.")
        }
        return policies[number - 1].id
    }

    private func duration() throws(ConfigurationFault) -> Int? {
        let text = try answer("How long, such as 30m or 1h (nothing for as long as the policy allows):")
        if text.isEmpty { return nil }
        guard let duration = DurationArgument(argument: text) else {
            throw ConfigurationFault(message: "That is no length of time; it is like 30m or 1h.")
        }
        return duration.seconds
    }

    private func answer(_ question: String) throws(ConfigurationFault) -> String {
        guard let text = ask(question) else { throw ConfigurationFault(message: "Nothing was asked for.") }
        return ProfileFile.trimmed(text)
    }
}
