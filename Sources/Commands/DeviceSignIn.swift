import OIDC

/// Device authorization grant (RFC 8628): the person signs in wherever there is a browser.
struct DeviceSignIn {
    let endpoint: TokenEndpoint
    let scopes: [String]
    var clock: any Clock<Duration> = ContinuousClock()

    func tokens() async throws(SignInError) -> TokenSet {
        let authorization = try await endpoint.beginDeviceAuthorization(scopes: scopes)
        tell("Go to \(authorization.verificationURI) and enter the code \(authorization.userCode)")
        if let complete = authorization.verificationURIComplete { tell("or open \(complete)") }
        var interval = authorization.interval
        var waited = Duration.zero
        while waited < authorization.expiresIn {
            do { try await clock.sleep(for: interval) } catch { throw .timedOut }
            waited += interval
            switch try await endpoint.pollDevice(authorization) {
            case .pending: break
            // RFC 8628 section 3.5: five seconds more from now on.
            case .slowDown: interval += .seconds(5)
            case .finished(let tokens): return tokens
            }
        }
        throw .timedOut
    }
}
