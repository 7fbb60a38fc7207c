import Testing

@testable import Broker

@Suite struct SettledChangeTests {
    @Test(
        arguments: [
            ([1, 1, 1], []), ([2, 2, 2], [1]), ([2, 3, 3], [2]), ([2, 1, 1], []), ([2, 2, 1, 1], [1, 3]),
            ([2, 3, 4], []),
        ] as [([Int], [Int])])
    func `a change counts once it rests, and once`(looks: [Int], complete: [Int]) {
        var change = SettledChange(1)
        let found = looks.indices.filter { change.isComplete(with: looks[$0]) }
        #expect(found == complete)
    }
}
