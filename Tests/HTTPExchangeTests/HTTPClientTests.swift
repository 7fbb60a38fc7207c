import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import TestSupport
import Testing

@testable import HTTPExchange

@Suite struct HTTPClientTests {
    private typealias Place = RawServer.Place

    /// What `times` exchanges, one after the other, end with, and what the server has seen.
    private func asked(
        _ times: Int, method: HTTPMethod = .GET,
        _ script: @escaping @Sendable (RawServer.Place) -> RawServer.Step
    ) async throws -> (answers: [String?], requests: [RawServer.Place]) {
        try await RawServer.running(script) { server in
            let answers = try await OwnClient.with { client in
                var answers: [String?] = []
                for _ in 0..<times {
                    var request = HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/")
                    request.method = method
                    let answer = try? await client.execute(request, maximumBytes: 100)
                    answers.append(answer.map { String(decoding: $0.body, as: UTF8.self) })
                }
                return answers
            }
            return (answers, server.requests)
        }
    }

    @Test func `a connection is kept for the next exchange`() async throws {
        let (answers, requests) = try await asked(3) { .answer(RawServer.ok("\($0.request)")) }
        #expect(answers == ["1", "2", "3"])
        #expect(requests == (1...3).map { Place(connection: 1, request: $0) })
    }

    @Test(arguments: [
        RawServer.ok("x", "Connection: close\r\n"), "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
    ])
    func `a connection that the server won't keep is not used again`(answer: String) async throws {
        let (answers, requests) = try await asked(2) { _ in .answer(answer) }
        #expect(answers == ["x", "x"])
        #expect(requests == [Place(connection: 1, request: 1), Place(connection: 2, request: 1)])
    }

    @Test func `a body without a length ends with its connection`() async throws {
        let (answers, _) = try await asked(2) { _ in .end(after: "HTTP/1.1 200 OK\r\n\r\nall of it") }
        #expect(answers == ["all of it", "all of it"])
    }

    @Test func `an answer that nobody asked for is not given to the next request`() async throws {
        let (answers, requests) = try await asked(2) { place in
            place.connection == 1
                ? .answer(RawServer.ok("mine") + RawServer.ok("smuggled")) : .answer(RawServer.ok("own"))
        }
        #expect(answers == ["mine", "own"])
        #expect(requests == [Place(connection: 1, request: 1), Place(connection: 2, request: 1)])
    }

    @Test(arguments: [HTTPMethod.GET, .PUT, .DELETE])
    func `what a kept connection did not answer is asked again, once, if that does no harm`(
        method: HTTPMethod
    ) async throws {
        let (answers, requests) = try await asked(2, method: method) { place in
            place == Place(connection: 1, request: 2)
                ? .end(after: "") : .answer(RawServer.ok("\(place.connection)"))
        }
        #expect(answers == ["1", "2"])
        #expect(requests.map(\.connection) == [1, 1, 2])
    }

    @Test func `a POST that may have been acted upon is never sent twice`() async throws {
        let (answers, requests) = try await asked(2, method: .POST) { place in
            place.request == 2 ? .end(after: "") : .answer(RawServer.ok("first"))
        }
        #expect(answers == ["first", nil])
        #expect(requests.count == 2)
    }

    @Test(arguments: ["", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
    func `a new connection that ends early is a failure, and not tried again`(part: String) async throws {
        let (answers, requests) = try await asked(1) { _ in .end(after: part) }
        #expect(answers == [nil])
        #expect(requests.count == 1)
    }

    @Test(arguments: ["nonsense\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n"])
    func `what is no HTTP is a failure`(answer: String) async throws {
        #expect(try await asked(1) { _ in .answer(answer) }.answers == [nil])
    }

    @Test func `a request that would break its head is not sent`() async throws {
        let requests = try await RawServer.running({ _ in .answer(RawServer.ok("x")) }) { server in
            try await OwnClient.with { client in
                var request = HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/")
                request.headers.add(name: "X-Evil", value: "a\r\nHost: elsewhere")
                await #expect(throws: (any Error).self) { try await client.execute(request, maximumBytes: 100) }
            }
            return server.requests
        }
        #expect(requests.isEmpty)
    }

    @Test func `after its end, a client calls nobody`() async throws {
        let requests = try await RawServer.running({ _ in .answer(RawServer.ok("x")) }) { server in
            let client = HTTPClient()
            await client.shutdown()
            await #expect(throws: HTTPExchangeFailure.self) {
                try await client.execute(
                    HTTPClientRequest(url: "http://127.0.0.1:\(server.port)/"), maximumBytes: 100)
            }
            return server.requests
        }
        #expect(requests.isEmpty)
    }
}

@Suite struct HTTPClientSecurityTests {
    /// Whether `url`, with the server's port in it, is answered by a client that trusts the test's certificate or, as the
    /// product does, the system's.
    private func isAnswered(host: String, trustsTest: Bool) async throws -> Bool {
        let certificate = try NIOSSLCertificate(bytes: Array(Self.certificate.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(Self.key.utf8), format: .pem)
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
        return try await RawServer.running(tls: context, { _ in .answer(RawServer.ok("x")) }) { server in
            let client = HTTPClient { TLSMaterial(roots: trustsTest ? Array(Self.certificate.utf8) : nil) }
            let request = HTTPClientRequest(url: "https://\(host):\(server.port)/")
            let answer = try? await client.execute(request, maximumBytes: 100)
            await client.shutdown()
            return answer != nil
        }
    }

    @Test func `a server that proves its name is called`() async throws {
        #expect(try await isAnswered(host: "localhost", trustsTest: true))
    }

    @Test func `a certificate of another name is refused`() async throws {
        #expect(try await !isAnswered(host: "127.0.0.1", trustsTest: true))
    }

    @Test func `a certificate that the system does not trust is refused`() async throws {
        #expect(try await !isAnswered(host: "localhost", trustsTest: false))
    }

    @Test func `a client presents its certificate, whose renewal counts from the next connection`() async throws {
        let material = Mutex(TLSMaterial(roots: Array(Self.certificate.utf8)))
        let certificate = try NIOSSLCertificate(bytes: Array(Self.certificate.utf8), format: .pem)
        let key = try NIOSSLPrivateKey(bytes: Array(Self.key.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [.certificate(certificate)], privateKey: .privateKey(key))
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([certificate])
        let context = try NIOSSLContext(configuration: configuration)
        let script: @Sendable (RawServer.Place) -> RawServer.Step = { _ in
            .end(after: RawServer.ok("x", "Connection: close\r\n"))
        }
        try await RawServer.running(tls: context, script) { server in
            let client = HTTPClient { material.withLock { $0 } }
            let request = HTTPClientRequest(url: "https://localhost:\(server.port)/")
            let without = try? await client.execute(request, maximumBytes: 100)
            material.withLock {
                $0.certificateChain = Array(Self.certificate.utf8)
                $0.privateKey = Array(Self.key.utf8)
            }
            let with = try await client.execute(request, maximumBytes: 100)
            material.withLock { $0.privateKey = Array("nonsense".utf8) }
            let spoilt = try await client.execute(request, maximumBytes: 100)
            #expect(without == nil && with.status == 200 && spoilt.status == 200)
            await client.shutdown()
        }
    }

    @Test func `what is no material says which part and why`() {
        let (certificate, key, nonsense) = (Array(Self.certificate.utf8), Array(Self.key.utf8), Array("nonsense".utf8))
        func part(_ material: TLSMaterial) -> UnusableTLSMaterial.Part? {
            do throws(UnusableTLSMaterial) {
                try material.check()
                return nil
            } catch {
                return error.part
            }
        }
        #expect(part(TLSMaterial(roots: certificate, certificateChain: certificate, privateKey: key)) == nil)
        #expect(part(TLSMaterial(roots: nonsense)) == .roots)
        #expect(part(TLSMaterial(roots: [])) == .roots)
        #expect(part(TLSMaterial(certificateChain: nonsense, privateKey: key)) == .certificateChain)
        #expect(part(TLSMaterial(certificateChain: certificate, privateKey: nonsense)) == .privateKey)
        #expect(part(TLSMaterial(certificateChain: certificate, privateKey: Array(Self.otherKey.utf8))) == .privateKey)
    }

    private static let certificate = TestCertificate.localhost
    private static let key = TestCertificate.key

    /// Of no certificate here.
    private static let otherKey = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMUBUIg8VZWdeWUto
        lXYxiAm40e2LuKgZJg9u+0wmLvmhRANCAAR0t1BAZpUpKdpIBRdPVbrPuO9bKCbP
        zNHf+Rq3fWgRErE7Xbh9klFdjJYloXp+EAenouR5rB94ZgH/z3Myimj6
        -----END PRIVATE KEY-----
        """
}
