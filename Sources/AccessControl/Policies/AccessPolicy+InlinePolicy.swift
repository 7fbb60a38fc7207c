extension AccessPolicy {
    /// The inline session policy of a session with these tags; `nil` if it has none.
    ///
    /// AWS allows a session what any one of its session policies allows, as far as the role may do it (IAM User Guide, "Session
    /// policies"), and nothing else. So what a request adds to session policies of the policy's own may only deny; alone, it must also allow.
    ///
    /// - Parameter request: what the request adds, in ``RequestedInlinePolicy``'s form.
    package func inlinePolicy(
        with tags: [PolicyTag], narrowedBy request: String? = nil
    ) throws(InvalidSessionPolicy) -> String? {
        let own: String?
        do throws(InvalidInlinePolicy) {
            own = try inlineTemplate.map { template throws(InvalidInlinePolicy) in try template.filled(with: tags) }
        } catch {
            throw InvalidSessionPolicy(isRequested: false, problem: error)
        }
        guard let request else { return own }
        do throws(InvalidInlinePolicy) {
            let requested = try InlinePolicy(request, tags: tagKeys).filled(with: tags)
            if own == nil, managedPolicies.isEmpty { return try RequestedInlinePolicy.alone(requested) }
            return try RequestedInlinePolicy.joined(own, denying: requested)
        } catch {
            throw InvalidSessionPolicy(isRequested: true, problem: error)
        }
    }
}

/// Why a session has no inline policy that can be sent.
package struct InvalidSessionPolicy: Error, Equatable, CustomStringConvertible {
    /// Whether it is the request's part of it.
    package let isRequested: Bool
    package let problem: InvalidInlinePolicy

    package init(isRequested: Bool, problem: InvalidInlinePolicy) {
        self.isRequested = isRequested
        self.problem = problem
    }

    /// Begins with STS's name for it.
    package var description: String {
        isRequested ? "Policy: the request's inline_policy \(problem)" : "Policy: inline_policy \(problem)"
    }
}
