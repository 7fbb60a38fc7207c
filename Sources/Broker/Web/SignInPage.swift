import AccessControl

/// What is shown to those who aren't signed in. It tells nothing of the request that they want, not even whether there is one.
enum SignInPage {
    static func document(for request: RequestID?) -> HTML {
        PageLayout.document(
            title: "Sign in", visitor: nil,
            body: """
                <p>Requests for access are shown to those who asked for them and to those who decide on them.</p>
                <p>\(link(to: request))</p>
                """)
    }

    static func link(to request: RequestID?) -> HTML {
        guard let request else { return "<a class=\"button\" href=\"/sign-in/start\">Sign in</a>" }
        return "<a class=\"button\" href=\"/sign-in/start?request=\(request.description)\">Sign in</a>"
    }
}
