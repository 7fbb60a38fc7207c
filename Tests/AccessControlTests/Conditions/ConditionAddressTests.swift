import TestSupport
import Testing

@testable import AccessControl

@Suite struct ConditionAddressTests {
    struct Case: Sendable {
        let range: String
        let address: String
        let isInside: Bool
    }

    static let cases: [Case] = [
        .init(range: "10.0.0.0/8", address: "10.255.0.1", isInside: true),
        .init(range: "10.0.0.0/8", address: "11.0.0.0", isInside: false),
        .init(range: "10.1.2.3", address: "10.1.2.3", isInside: true),
        .init(range: "10.1.2.3/32", address: "10.1.2.4", isInside: false),
        .init(range: "0.0.0.0/0", address: "255.255.255.255", isInside: true),
        .init(range: "0.0.0.0/0", address: "2001:db8::1", isInside: false),
        .init(range: "::/0", address: "2001:db8::1", isInside: true),
        .init(range: "::/0", address: "10.0.0.1", isInside: false),
        .init(range: "2001:db8::/32", address: "2001:db8:ffff::1", isInside: true),
        .init(range: "2001:db8::/32", address: "2001:db9::", isInside: false),
        .init(range: "2001:db8::1", address: "2001:DB8:0:0:0:0:0:1", isInside: true),
        .init(range: "2001:db8::1/128", address: "2001:db8::2", isInside: false),
        .init(range: "10.0.0.0/8", address: "::ffff:10.1.2.3", isInside: true),
        .init(range: "10.0.0.0/8", address: "::ffff:0a01:0203", isInside: true),
        .init(range: "::ffff:10.0.0.0/104", address: "10.1.2.3", isInside: true),
        .init(range: "::ffff:10.0.0.0/104", address: "11.1.2.3", isInside: false),
        .init(range: "::ffff:0:0/96", address: "192.0.2.1", isInside: true),
        .init(range: "::10.0.0.0/104", address: "10.1.2.3", isInside: false),
    ]

    @Test(arguments: cases)
    func `an address is in its range, whichever way it is written`(item: Case) throws {
        var context = ConditionContext()
        let address = try #require(SourceAddress(item.address))
        context.sourceAddress = address
        let inside = try ConditionSample.verdict("IpAddress", "broker:SourceIp", [item.range], in: context)
        let outside = try ConditionSample.verdict("NotIpAddress", "broker:SourceIp", [item.range], in: context)
        #expect(inside == (item.isInside ? .holds : .fails))
        #expect(outside == inside.negated)
    }

    @Test func `one of several ranges is enough, and none may match a negated operator`() throws {
        let context = try ConditionSample.context()
        let ranges = ["192.0.2.0/24", "10.0.0.0/8"]
        #expect(try ConditionSample.verdict("IpAddress", "broker:SourceIp", ranges, in: context) == .holds)
        #expect(try ConditionSample.verdict("NotIpAddress", "broker:SourceIp", ranges, in: context) == .fails)
    }

    @Test(arguments: [
        "", "10.0.0", "10.0.0.0.0", "10.0.0.256", "010.0.0.1", "10.0.0.-1", "+1.0.0.0", "10.0.0.0/", "10.0.0.0/33",
        "10.0.0.0/08", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0 /8", "*", "10.*", "::1::", ":::", ":", "1:2:3:4:5:6:7",
        "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "::12345", "::g", "::/129", "fe80::1%eth0", "[::1]", "::1.2.3",
        "1.2.3.4::", "::1.2.3.4:5", "::ffff:0:0/95", "١.0.0.0", String(repeating: "1:", count: 300),
    ])
    func `only ranges and addresses are ranges`(text: String) {
        #expect(ConditionSample.fault("IpAddress", "broker:SourceIp", [text])?.value == text)
    }

    @Test(arguments: [
        ("10.0.0.1/8", "has host bits: write 10.0.0.0/8"), ("::1/64", "write 0:0:0:0:0:0:0:0/64"),
        ("::ffff:10.0.0.1/104", "write 10.0.0.0/8"), ("255.255.255.255/0", "write 0.0.0.0/0"),
    ])
    func `host bits are refused, with the range that was probably meant`(text: String, message: String) throws {
        let fault = try #require(ConditionSample.fault("NotIpAddress", "broker:SourceIp", [text]))
        #expect(fault.description.contains(message), "\(fault)")
    }

    @Test func `an address reads back what it says, and is in exactly its own prefixes`() throws {
        try FuzzRounds.repeated(3_000) { random in
            let isSmall = Bool.random(using: &random)
            let number = UInt128.random(in: 0...(isSmall ? 0xFFFF_FFFF : .max), using: &random)
            let address = SourceAddress(family: isSmall ? .ipv4 : .ipv6, number: number)
            #expect(SourceAddress(address.description) == address)
            let bits = address.family.bits
            let length = Int.random(in: 0...bits, using: &random)
            let hostBits = bits - length
            let network = hostBits == 128 ? 0 : (number >> UInt128(hostBits)) << UInt128(hostBits)
            let range = try AddressRange("\(SourceAddress(family: address.family, number: network))/\(length)")
            #expect(range.contains(address))
            if length > 0 {
                let other = SourceAddress(family: address.family, number: number ^ (1 << UInt128(hostBits)))
                #expect(!range.contains(other))
            }
        }
    }
}
