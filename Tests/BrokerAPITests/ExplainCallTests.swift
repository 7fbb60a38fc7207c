import BrokerAPI
import Credentials
import HTTPExchange
import Testing

@Suite struct ExplainCallTests {
    @Test func `Claims of any kind are sent as a token has them, and read back so`() throws {
        let call = ExplainCall(
            policy: "p", user: "a",
            claims: [
                "dept": .string("research"), "groups": .array([.string("ops")]), "none": .array([]),
                "suspended": .bool(true), "level": .number(3), "by": .object(["id": .null]),
            ])
        let body = try #require(StrictJSON.encode(call))
        let claims =
            #"{"by":{"id":null},"dept":"research","groups":["ops"],"level":3,"none":[],"suspended":true}"#
        #expect(String(decoding: body, as: UTF8.self) == #"{"claims":\#(claims),"policy":"p","user":"a"}"#)
        #expect(StrictJSON.decode(ExplainCall.self, from: body) == call)
    }
}
