import Hummingbird

/// `GET /openapi.yaml`: the description of this API, as `openapi.yaml` beside this file.
struct DescriptionRoute: Sendable {
    var route: Route {
        Route(method: .get, path: "/openapi.yaml") { _ in
            Response(
                status: .ok, headers: [.contentType: "application/yaml"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: PackageResources.openapi_yaml)))
        }
    }
}
