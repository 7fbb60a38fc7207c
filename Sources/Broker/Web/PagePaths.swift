/// Where the pages are, for what is answered there without coming to any of them: a limit of addresses, a method that isn't taken, a path
/// under theirs that there isn't.
///
/// The path alone decides: whatever a client of the API says that it accepts, its paths aren't these.
struct PagePaths: Sendable {
    private let templates: [[Substring]]

    init(of routes: [Route]) {
        templates = Set(routes.filter(\.isPage).map(\.path)).map { $0.split(separator: "/") }
    }

    /// Whether `path` is a page's or lies under one. Everything lies under `/`, so of that only itself counts.
    func contain(_ path: String) -> Bool {
        let segments = path.split(separator: "/")
        return templates.contains { template in
            guard !template.isEmpty else { return segments.isEmpty }
            return segments.starts(with: template) { $1 == "{id}" || $0 == $1 }
        }
    }
}
