/// The provider's pages: plain HTML, no scripts, usable with a keyboard and a screen reader.
enum SignInPage {
    /// Asks which sample user to be. The hidden fields come back with the answer.
    static func pickUser(clientID: String, action: String, fields: [FormParameters.Field]) -> String {
        let hidden = fields.map { field in
            "<input type=\"hidden\" name=\"\(escaped(field.name))\" value=\"\(escaped(field.value))\">"
        }
        return page(
            title: "Sign in to \(clientID)",
            body: """
                <p>This is the sandbox's identity provider. Its users have no passwords: pick who you want to be.</p>
                <form method="post" action="\(escaped(action))">
                \(hidden.joined(separator: "\n"))
                \(userButtons)
                <p><button type="submit" name="user" value="">Refuse</button></p>
                </form>
                """)
    }

    /// Asks for the code that the device shows.
    static func enterCode(_ code: String, problem: String? = nil) -> String {
        let notice = problem.map { "<p role=\"alert\">\(escaped($0))</p>" } ?? ""
        return page(
            title: "Sign in on another device",
            body: """
                \(notice)
                <form method="post" action="/device">
                <p><label for="user_code">Code that your terminal shows</label><br>
                <input id="user_code" name="user_code" value="\(escaped(code))" autocomplete="off" required></p>
                \(userButtons)
                <p><button type="submit" name="user" value="">Refuse</button></p>
                </form>
                """)
    }

    static func message(title: String, text: String) -> String {
        page(title: title, body: "<p>\(escaped(text))</p>")
    }

    private static var userButtons: String {
        SampleUser.allCases.map { user in
            "<p><button type=\"submit\" name=\"user\" value=\"\(escaped(user.name))\">\(escaped(user.name))</button> "
                + "\(escaped(user.description))</p>"
        }.joined(separator: "\n")
    }

    private static func page(title: String, body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(escaped(title))</title>
        <style>body { font: 1rem/1.5 sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem }
        button, input { font: inherit; padding: .3rem .8rem }</style></head>
        <body><main><h1>\(escaped(title))</h1>
        \(body)
        </main></body></html>
        """
    }

    private static func escaped(_ text: String) -> String {
        MarkupEscaping.escaped(text)
    }
}
