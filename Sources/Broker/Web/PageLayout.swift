import AccessControl

/// The frame of every page.
enum PageLayout {
    static func document(title: HTML, visitor: Visitor?, body: HTML) -> HTML {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="robots" content="noindex">
        <title>\(title) - STS Broker</title>
        <link rel="stylesheet" href="/pages.css">
        </head>
        <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
        <p class="brand"><a href="/requests">STS Broker</a></p>
        \(visitor.map(account) ?? "")
        </header>
        <main id="content" tabindex="-1">
        <h1>\(title)</h1>
        \(body)
        </main>
        </body>
        </html>

        """
    }

    private static func account(of visitor: Visitor) -> HTML {
        """
        <form method="post" action="/sign-out">
        <p>Signed in as <strong><bdi>\(visitor.principal.userName)</bdi></strong></p>
        <input type="hidden" name="token" value="\(visitor.signOutToken)">
        <button type="submit">Sign out</button>
        </form>
        """
    }
}
