/// One action of a service and its parameters, as the query protocol sends them.
struct QueryCall: Sendable {
    let action: String
    /// The service's API version, a date.
    let version: String
    let parameters: [(name: String, value: String)]

    /// `application/x-www-form-urlencoded`, byte for byte as AWS's own SDKs write it.
    var body: String {
        ([(name: "Action", value: action), (name: "Version", value: version)] + parameters)
            .map { "\(PercentEncoding.encoded($0.name))=\(PercentEncoding.encodedFormValue($0.value))" }
            .joined(separator: "&")
    }
}
