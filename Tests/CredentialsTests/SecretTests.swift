import Credentials
import FoundationEssentials
import Testing

@Suite struct SecretTests {
    private let secret = Secret("hunter2")

    @Test func `nothing that prints it shows it`() {
        let credentials = [secret]
        var dumped = ""
        dump(secret, to: &dumped)
        dump(credentials, to: &dumped)
        let texts = [
            "\(secret)", String(reflecting: secret), "\(credentials)", String(describing: Optional(secret)), dumped,
        ]
        for text in texts { #expect(!text.contains("hunter2")) }
    }

    @Test func `equal bytes match, others don't`() {
        #expect(secret == Secret("hunter2"))
        #expect(secret.matches("hunter2".utf8))
        for other in ["", "hunter", "hunter22", "Hunter2"] { #expect(!secret.matches(other.utf8)) }
        #expect(Secret("") == Secret(""))
    }

    @Test func `it decodes from text and reveals it`() throws {
        let decoded = try JSONDecoder().decode([Secret].self, from: Data(#"["hunter2"]"#.utf8))
        #expect(decoded == [secret])
        #expect(secret.revealed() == "hunter2")
    }
}
