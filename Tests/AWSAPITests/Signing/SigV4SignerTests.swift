import AWSAPI
import Credentials
import FoundationEssentials
import TestSupport
import Testing

@Suite struct SigV4SignerTests {
    private struct Order: Encodable {
        let seed: Int
        let count: Int
    }

    /// One request as botocore signed it.
    private struct Case: Decodable, Sendable {
        let service, region, secret: String
        let token: String?
        let time: Double
        let method, host, path: String
        let query, headers: [[String]]
        let body, authorization, date: String

        var request: SigV4Request {
            SigV4Request(
                method: method,
                host: host.lowercased(),
                path: path,
                query: query.map { (name: $0[0], value: $0[1]) },
                headers: headers.map { (name: $0[0], value: $0[1]) },
                body: Data(base64Encoded: body).map(Array.init) ?? [])
        }

        var signer: SigV4Signer {
            let key = AWSAccessKey(
                accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret(secret), sessionToken: token.map { Secret($0) })
            return SigV4Signer(service: service, region: region, key: key)
        }
    }

    @Test("signs 600 generated requests as botocore does", arguments: [1, 2, 3])
    func agreesWithBotocore(seed: Int) async throws {
        let cases = try await PythonEnvironment.run(
            try PythonEnvironment.script("sigv4_cases.py", of: #filePath),
            input: Order(seed: seed, count: 200), as: [Case].self)
        #expect(cases.count == 200)
        for made in cases {
            let added = made.signer.sign(made.request, at: Date(timeIntervalSince1970: made.time))
            #expect(value("Authorization", in: added) == made.authorization, "\(made)")
            #expect(value("X-Amz-Date", in: added) == made.date)
            #expect(value("X-Amz-Security-Token", in: added) == made.token)
        }
    }

    @Test(
        "gives the published signatures of AWS's own examples",
        arguments: [
            ("GET", "/", [(String, String)](), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
            ("POST", "/", [], "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
            (
                "GET", "/", [("Param2", "value2"), ("Param1", "value1")],
                "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
            ),
        ])
    func knownAnswers(method: String, path: String, query: [(String, String)], signature: String) {
        let key = AWSAccessKey(
            accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            sessionToken: nil)
        let request = SigV4Request(
            method: method, host: "example.amazonaws.com", path: path,
            query: query.map { (name: $0.0, value: $0.1) })
        let signer = SigV4Signer(service: "service", region: "us-east-1", key: key)
        let added = signer.sign(request, at: Date(timeIntervalSince1970: 1_440_938_160))
        #expect(
            value("Authorization", in: added)
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                + "SignedHeaders=host;x-amz-date, Signature=\(signature)")
    }

    @Test("ignores headers that it will replace, so that a request can be signed again")
    func replacesOwnHeaders() {
        let key = AWSAccessKey(accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret("secret"), sessionToken: Secret("t"))
        let signer = SigV4Signer(service: "sts", region: "us-east-1", key: key)
        let clean = SigV4Request(method: "GET", host: "h", path: "/")
        var signedBefore = clean
        let date = Date(timeIntervalSince1970: 1_440_938_160)
        signedBefore.headers = signer.sign(clean, at: date.addingTimeInterval(-900))
        #expect(
            value("Authorization", in: signer.sign(signedBefore, at: date))
                == value("Authorization", in: signer.sign(clean, at: date)))
    }

    private func value(_ name: String, in headers: [(name: String, value: String)]) -> String? {
        headers.first { $0.name == name }?.value
    }
}
