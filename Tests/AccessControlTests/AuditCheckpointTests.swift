import AccessControl
import FoundationEssentials
import Testing

@Suite struct AuditCheckpointTests {
    private let key = AuditSigningKey()

    private func trail(_ count: Int64) -> [AuditLine] {
        var previous = AuditChain.start
        return (1...count).map { sequence in
            var line = AuditLine(
                sequence: sequence, milliseconds: sequence, kind: "request", requestID: nil, details: "{}", hash: "")
            line.hash = AuditChain.hash(of: line, after: previous)
            previous = line.hash
            return line
        }
    }

    private func checkpoint(_ line: AuditLine, by key: AuditSigningKey? = nil) throws -> AuditCheckpoint {
        try (key ?? self.key).checkpoint(sequence: line.sequence, hash: line.hash, milliseconds: 1_800_000_000_000)
    }

    /// The first problem of the records with the checkpoints behind those that they cover, or at the end.
    private func problem(
        _ lines: [AuditLine], _ checkpoints: [AuditCheckpoint], trusting keys: [AuditSigningKey],
        expecting expected: AuditVerification.Mark? = nil
    ) -> String? {
        var verification = AuditVerification(trusting: keys.map(\.publicKey), expecting: expected)
        for line in lines {
            if let problem = verification.problem(with: line) { return problem }
            for checkpoint in checkpoints where checkpoint.sequence == line.sequence {
                if let problem = verification.problem(with: checkpoint) { return problem }
            }
        }
        return verification.problemAtEnd
    }

    @Test func `what the key has signed is signed by it, also after a way through text`() throws {
        let line = try #require(trail(1).first)
        let checkpoint = try checkpoint(line)
        let copy = try JSONDecoder().decode(AuditCheckpoint.self, from: JSONEncoder().encode(checkpoint))
        let publicKey = try #require(AuditPublicKey(base64: key.publicKey.base64))
        #expect(copy.isSigned(by: publicKey))
        #expect(try #require(AuditSigningKey(base64: key.revealed)).publicKey.id == publicKey.id)
        #expect(publicKey.id.count == 32)
    }

    @Test func `no field can be changed, and no other key will do`() throws {
        let changes: [(inout AuditCheckpoint) -> Void] = [
            { $0.sequence += 1 }, { $0.hash = AuditChain.start }, { $0.milliseconds -= 1 },
            { $0.signature = "AAAA" }, { $0.signature = "" }, { $0.keyID = "another" },
            { $0.signature = String($0.signature.reversed()) },
        ]
        let line = try #require(trail(1).first)
        for (number, change) in changes.enumerated() {
            var changed = try checkpoint(line)
            change(&changed)
            #expect(!changed.isSigned(by: key.publicKey), "\(number)")
        }
        var foreign = try checkpoint(line, by: AuditSigningKey())
        #expect(!foreign.isSigned(by: key.publicKey))
        foreign.keyID = key.publicKey.id
        #expect(!foreign.isSigned(by: key.publicKey))
    }

    /// RFC 8032, section 7.1, test 1: the key is read as the standard writes it.
    @Test func `keys are Ed25519's`() throws {
        let seed: [UInt8] = [
            0x9d, 0x61, 0xb1, 0x9d, 0xef, 0xfd, 0x5a, 0x60, 0xba, 0x84, 0x4a, 0xf4, 0x92, 0xec, 0x2c, 0xc4, 0x44, 0x49,
            0xc5, 0x69, 0x7b, 0x32, 0x69, 0x19, 0x70, 0x3b, 0xac, 0x03, 0x1c, 0xae, 0x7f, 0x60,
        ]
        let key = try #require(AuditSigningKey(base64: Data(seed).base64EncodedString()))
        #expect(key.publicKey.base64 == "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
        #expect(AuditSigningKey(base64: "AAAA") == nil)
        #expect(AuditPublicKey(base64: "no key") == nil)
    }

    @Test func `a whole trail with checkpoints holds, and says how far it is signed`() throws {
        let lines = trail(5)
        var verification = AuditVerification(trusting: [key.publicKey])
        for line in lines {
            #expect(verification.problem(with: line) == nil)
            guard line.sequence == 2 || line.sequence == 4 else { continue }
            #expect(verification.problem(with: try checkpoint(line)) == nil)
        }
        #expect(verification.problemAtEnd == nil)
        #expect(verification.checkpoint?.sequence == 4 && verification.checkpoints == 2)
    }

    @Test func `the first checkpoint that does not fit is named`() throws {
        let lines = trail(4)
        let good = try checkpoint(lines[1])
        var moved = good
        moved.sequence = 3
        var forged = good
        forged.signature = try checkpoint(lines[2]).signature
        let foreign = try checkpoint(lines[1], by: AuditSigningKey())
        #expect(problem(lines, [good], trusting: [key]) == nil)
        #expect(problem(lines, [moved], trusting: [key]) == "checkpoint 3 is not of record 3")
        #expect(problem(lines, [forged], trusting: [key]) == "checkpoint 2 has no good signature")
        #expect(problem(lines, [foreign], trusting: [key])?.hasSuffix("which is not trusted") == true)
        #expect(problem(lines, [forged], trusting: []) == nil)
        #expect(problem(lines, [moved], trusting: []) == "checkpoint 3 is not of record 3")
        var verification = AuditVerification()
        #expect(verification.problem(with: good) == "checkpoint 2 comes after no record")
    }

    @Test func `a trail that was written anew has no checkpoint that fits`() throws {
        let signed = try checkpoint(trail(3)[2])
        var lines = trail(3)
        lines[0].details = #"{"changed":1}"#
        var previous = AuditChain.start
        for index in lines.indices {
            lines[index].hash = AuditChain.hash(of: lines[index], after: previous)
            previous = lines[index].hash
        }
        #expect(problem(lines, [], trusting: []) == nil)
        #expect(problem(lines, [signed], trusting: [key]) == "checkpoint 3 is not of record 3")
        let nothing = "there is no checkpoint, so nothing in it is signed"
        #expect(problem(lines, [], trusting: [key]) == nothing)
    }

    @Test func `a key that was changed is followed where both keys are trusted`() throws {
        let (lines, newer) = (trail(4), AuditSigningKey())
        let checkpoints = [try checkpoint(lines[1]), try checkpoint(lines[3], by: newer)]
        #expect(problem(lines, checkpoints, trusting: [key, newer]) == nil)
        #expect(problem(lines, checkpoints, trusting: [newer])?.hasPrefix("checkpoint 2 names the key") == true)
    }

    @Test func `what was known before must still be there`() {
        let lines = trail(4)
        func mark(_ sequence: Int, _ hash: String? = nil) -> AuditVerification.Mark {
            AuditVerification.Mark(sequence: Int64(sequence), hash: hash ?? lines[sequence - 1].hash)
        }
        func found(_ lines: [AuditLine], _ mark: AuditVerification.Mark) -> String? {
            problem(lines, [], trusting: [], expecting: mark)
        }
        #expect(found(lines, mark(3)) == nil && found(lines, mark(4)) == nil)
        #expect(found(Array(lines.prefix(3)), mark(4)) == "it ends at record 3, before the expected record 4")
        #expect(found([], mark(4)) == "it ends at record 0, before the expected record 4")
        #expect(found(Array(lines.dropFirst(2)), mark(1)) == "it begins at record 3, after the expected record 1")
        let other = found(lines, mark(2, lines[0].hash))
        #expect(other == "record 2 is not the one that was expected: its hash is another")
    }
}
