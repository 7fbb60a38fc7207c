package import Credentials

/// A device sign-in that waits for a person (RFC 8628 section 3.2).
package struct DeviceAuthorization: Sendable, Equatable {
    package let deviceCode: Secret
    /// What the person types in; show it.
    package let userCode: String
    /// Where the person goes.
    package let verificationURI: String
    /// The same with the code in it, if the provider offers that.
    package let verificationURIComplete: String?
    package let expiresIn: Duration
    /// How long to wait between polls; 5 s unless the provider says otherwise, and 5 s more after each ``DevicePoll/slowDown``.
    package let interval: Duration

    package init(
        deviceCode: Secret,
        userCode: String,
        verificationURI: String,
        verificationURIComplete: String?,
        expiresIn: Duration,
        interval: Duration
    ) {
        self.deviceCode = deviceCode
        self.userCode = userCode
        self.verificationURI = verificationURI
        self.verificationURIComplete = verificationURIComplete
        self.expiresIn = expiresIn
        self.interval = interval
    }
}

/// What one poll of the token endpoint found (RFC 8628 section 3.5).
package enum DevicePoll: Sendable, Equatable {
    case pending
    /// Wait 5 s longer between polls from now on.
    case slowDown
    case finished(TokenSet)
}
