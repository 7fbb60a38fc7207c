import TestSupport
import Testing

@testable import CallerIdentity

@Suite("ProcNetTCP")
struct ProcNetTCPTests {
    private static let heading =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
    /// 127.0.0.1:40000 to 127.0.0.1:8080.
    private static let connection = TCPConnection(
        client: Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: 40000),
        server: Endpoint(address: IPAddress(ipv4: 0x7F00_0001), port: 8080))

    private static func line(
        own: String = "0100007F:9C40", remote: String = "0100007F:1F90", state: String = "01", uid: String = "1000",
        inode: String = "4242"
    ) -> String {
        "   7: \(own) \(remote) \(state) 00000000:00000000 00:00000000 00000000 \(uid)        0 \(inode) 1 0 100 0 0 10 0\n"
    }

    @Test("The client's socket is found among others")
    func found() throws {
        let table =
            Self.heading + Self.line(own: "0100007F:1F90", remote: "0100007F:9C40", uid: "0") + Self.line()
            + Self.line(own: "0100007F:9C41", uid: "1001")
        let record = try #require(ProcNetTCP.record(of: Self.connection, in: table))
        #expect(record.owner(expecting: Self.connection) == .success(1000))
    }

    @Test("An IPv4-mapped line of tcp6 is the same connection")
    func mapped() throws {
        let table =
            Self.heading
            + Self.line(
                own: "0000000000000000FFFF00000100007F:9C40", remote: "0000000000000000FFFF00000100007F:1F90", uid: "7")
        let record = try #require(ProcNetTCP.record(of: Self.connection, in: table))
        #expect(record.owner(expecting: Self.connection) == .success(7))
    }

    @Test("An IPv6 line is read")
    func ipv6() throws {
        let loopback = IPAddress(high: 0, low: 1)
        let connection = TCPConnection(
            client: Endpoint(address: loopback, port: 40000), server: Endpoint(address: loopback, port: 8080))
        let table = Self.line(
            own: "00000000000000000000000001000000:9C40", remote: "00000000000000000000000001000000:1F90")
        #expect(try #require(ProcNetTCP.record(of: connection, in: table)).userID == 1000)
    }

    @Test(
        "Sockets without an owner are nobody's, although uid 0 is printed",
        arguments: ["01", "04", "05", "06", "08", "0B"])
    func orphaned(state: String) throws {
        let table = Self.line(state: state, uid: "0", inode: "0")
        let record = try #require(ProcNetTCP.record(of: Self.connection, in: table))
        #expect(record.owner(expecting: Self.connection) == .failure(.notOwned))
    }

    @Test(
        "States that are not connected ones are nobody's", arguments: ["00", "02", "03", "06", "07", "0A", "0C", "FF"])
    func unconnected(state: String) throws {
        let record = try #require(ProcNetTCP.record(of: Self.connection, in: Self.line(state: state)))
        #expect(record.owner(expecting: Self.connection) == .failure(.notOwned))
    }

    @Test("uid 4294967295 is no user")
    func noUser() throws {
        let record = try #require(ProcNetTCP.record(of: Self.connection, in: Self.line(uid: "4294967295")))
        #expect(record.owner(expecting: Self.connection) == .failure(.noUser))
    }

    @Test(
        "Lines that make no sense are passed over",
        arguments: [
            "", "\n", heading, "   7: 0100007F:9C40 0100007F:1F90 01\n", line(own: "0100007F"),
            line(own: "0100007F:9C4"), line(own: "100007F:9C40"), line(own: "+100007F:9C40"),
            line(remote: "zzzzzzzz:1F90"),
            line(state: "1"), line(state: "001"), line(state: "-1"), line(uid: "-1"), line(uid: "4294967296"),
            line(uid: "root"),
            line(inode: "18446744073709551616"), line(inode: "+1"), line(own: "0100007F:9C40:0000"),
            line(own: "00000000000000000000000001000000:9C40"),
        ])
    func garbage(table: String) {
        #expect(ProcNetTCP.record(of: Self.connection, in: table) == nil)
    }

    @Test("No mutilated table traps", arguments: 0..<20)
    func mutilated(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            var bytes = Array((Self.heading + Self.line() + Self.line(uid: "0")).utf8)
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                bytes[Int.random(in: bytes.indices, using: &generator)] = .random(in: 0 ... .max, using: &generator)
            }
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            let table = String(decoding: bytes[..<cut], as: UTF8.self)
            guard let record = ProcNetTCP.record(of: Self.connection, in: table) else { continue }
            let isMeant = record.own == Self.connection.client && record.remote == Self.connection.server
            #expect(isMeant, "\(table.debugDescription)")
        }
    }
}
