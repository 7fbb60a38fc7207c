import TestSupport
import Testing

@testable import CallerIdentity

@Suite("DiagnosticMessage")
struct DiagnosticMessageTests {
    private static let connection = TCPConnection(
        client: Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: 40000),
        server: Endpoint(address: IPAddress(ipv4: 0x7F00_0002), port: 8080))

    /// A reply as the kernel writes it.
    private static func reply(
        type: UInt16 = 20, sequence: UInt32 = 9, family: UInt8 = 2, state: UInt8 = 1, ownPort: UInt16 = 40000,
        own: [UInt8] = [127, 0, 0, 1], remote: [UInt8] = [127, 0, 0, 2], uid: UInt32 = 1000, inode: UInt32 = 77,
        attributes: Int = 36
    ) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 88 + attributes)
        bytes.withUnsafeMutableBytes {
            $0.storeBytes(of: UInt32($0.count), toByteOffset: 0, as: UInt32.self)
            $0.storeBytes(of: type, toByteOffset: 4, as: UInt16.self)
            $0.storeBytes(of: sequence, toByteOffset: 8, as: UInt32.self)
            $0[16] = family
            $0[17] = state
            $0.storeBytes(of: ownPort.bigEndian, toByteOffset: 20, as: UInt16.self)
            $0.storeBytes(of: UInt16(8080).bigEndian, toByteOffset: 22, as: UInt16.self)
            for (index, byte) in own.enumerated() { $0[24 + index] = byte }
            for (index, byte) in remote.enumerated() { $0[40 + index] = byte }
            $0.storeBytes(of: uid, toByteOffset: 80, as: UInt32.self)
            $0.storeBytes(of: inode, toByteOffset: 84, as: UInt32.self)
        }
        return bytes
    }

    private static func error(_ code: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 36)
        bytes.withUnsafeMutableBytes {
            $0.storeBytes(of: 36, toByteOffset: 0, as: UInt32.self)
            $0.storeBytes(of: 2, toByteOffset: 4, as: UInt16.self)
            $0.storeBytes(of: 9, toByteOffset: 8, as: UInt32.self)
            $0.storeBytes(of: code, toByteOffset: 16, as: Int32.self)
        }
        return bytes
    }

    private func parse(_ bytes: [UInt8]) -> DiagnosticMessage.Reply {
        bytes.withUnsafeBytes { DiagnosticMessage.reply($0, to: 9) }
    }

    private func owner(_ bytes: [UInt8]) throws -> Result<UInt32, UnknownCaller> {
        guard case .record(let record) = parse(bytes) else {
            Issue.record("not a record: \(parse(bytes))")
            return .failure(.kernelDidNotAnswer)
        }
        return record.owner(expecting: Self.connection)
    }

    @Test("A well-formed reply names the owner")
    func wellFormed() throws {
        #expect(try owner(Self.reply()) == .success(1000))
        #expect(try owner(Self.reply(attributes: 0)) == .success(1000))
    }

    @Test("An IPv6 socket that speaks IPv4 is the same connection")
    func mapped() throws {
        let prefix = [UInt8](repeating: 0, count: 10) + [0xFF, 0xFF]
        let bytes = Self.reply(family: 10, own: prefix + [127, 0, 0, 1], remote: prefix + [127, 0, 0, 2])
        #expect(try owner(bytes) == .success(1000))
    }

    @Test("Another socket's description is not believed")
    func otherSocket() throws {
        #expect(try owner(Self.reply(ownPort: 40001)) == .failure(.mismatchedAnswer))
        #expect(try owner(Self.reply(own: [127, 0, 0, 3])) == .failure(.mismatchedAnswer))
        #expect(try owner(Self.reply(remote: [0, 0, 0, 0])) == .failure(.mismatchedAnswer))
    }

    @Test("TIME_WAIT and orphaned sockets are nobody's, although the kernel says uid 0")
    func unowned() throws {
        #expect(try owner(Self.reply(state: 6, uid: 0, inode: 0)) == .failure(.notOwned))
        #expect(try owner(Self.reply(state: 4, uid: 0, inode: 0)) == .failure(.notOwned))
        #expect(try owner(Self.reply(state: 10)) == .failure(.notOwned))
        #expect(try owner(Self.reply(uid: .max)) == .failure(.noUser))
    }

    @Test("Errors: ENOENT is an answer, anything else is not")
    func errors() {
        #expect(parse(Self.error(-2)) == .noSuchSocket)
        #expect(parse(Self.error(-95)) == .refused(95))
        #expect(parse(Self.error(0)) == .malformed)
        #expect(parse(Self.error(5)) == .malformed)
        #expect(parse(Self.error(.min)) == .malformed)
    }

    @Test("Another request's reply and other message types are told apart")
    func envelope() {
        #expect(parse(Self.reply(sequence: 8)) == .otherRequest)
        #expect(parse(Self.reply(type: 3)) == .malformed)
        #expect(parse(Self.reply(family: 1)) == .malformed)
    }

    @Test("A truncated reply is malformed at every length")
    func truncated() {
        let whole = Self.reply()
        for length in 0..<whole.count { #expect(parse(Array(whole[..<length])) == .malformed) }
        for claimed in 16..<88 {
            var bytes = whole
            bytes.withUnsafeMutableBytes { $0.storeBytes(of: UInt32(claimed), toByteOffset: 0, as: UInt32.self) }
            #expect(parse(bytes) == .malformed)
        }
    }

    @Test("Garbage neither traps nor names anybody by accident", arguments: 0..<20)
    func garbage(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let count = Int.random(in: 0...200, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
            if case .record(let record) = parse(bytes), case .success = record.owner(expecting: Self.connection) {
                Issue.record("garbage named an owner: \(bytes)")
            }
        }
    }

    @Test("The request asks for exactly one socket")
    func request() {
        var bytes = [UInt8](repeating: 0xAA, count: DiagnosticMessage.requestLength)
        bytes.withUnsafeMutableBytes { DiagnosticMessage.write(requestFor: Self.connection, sequence: 9, into: $0) }
        #expect(bytes.withUnsafeBytes { $0.load(as: UInt32.self) } == 72)
        // No NLM_F_DUMP: just NLM_F_REQUEST.
        #expect(bytes[6...7] == [1, 0])
        #expect(bytes[16...19] == [2, 6, 0, 0])
        #expect(bytes[24...27] == [0x9C, 0x40, 0x1F, 0x90])
        #expect(bytes[28...31] == [127, 0, 0, 1])
        #expect(bytes[44...47] == [127, 0, 0, 2])
        #expect(bytes[64...71] == ArraySlice([UInt8](repeating: 0xFF, count: 8)))
    }
}
