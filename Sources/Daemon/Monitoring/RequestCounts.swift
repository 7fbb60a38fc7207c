import MetadataServer
import Synchronization

/// How many requests were answered, by face, status and family of SDK. There is a place for each combination from the start, so
/// that counting neither allocates nor waits.
final class RequestCounts: Sendable {
    private final class Place: Sendable {
        let count = Atomic<Int>(0)
    }

    /// What the faces answer with; anything else counts as `other`.
    private static let statuses: [UInt] = [200, 400, 401, 403, 404, 405, 408, 413, 414, 429, 431, 503]
    private static let faces = ListenerFace.allCases
    private static let families = SDKFamily.allCases

    private let places: [Place]
    private let familyIndex: [SDKFamily: Int]

    init() {
        places = (0..<Self.faces.count * (Self.statuses.count + 1) * Self.families.count).map { _ in Place() }
        familyIndex = Dictionary(uniqueKeysWithValues: zip(Self.families, Self.families.indices))
    }

    /// The first place of a connection's requests, to be looked up once for each of its user agents.
    func base(_ face: ListenerFace, _ family: SDKFamily) -> Int {
        let face = Self.faces.firstIndex(of: face) ?? 0
        return (face * Self.families.count + (familyIndex[family] ?? 0)) * (Self.statuses.count + 1)
    }

    /// - Parameter base: of ``base(_:_:)``.
    func add(at base: Int, status: UInt) {
        let index = Self.statuses.firstIndex(of: status) ?? Self.statuses.count
        places[base + index].count.add(1, ordering: .relaxed)
    }

    /// By the labels face, code and sdk; only what has happened.
    var values: [[String]: Double] {
        var values: [[String]: Double] = [:]
        for face in Self.faces {
            for family in Self.families {
                let base = base(face, family)
                for index in 0...Self.statuses.count {
                    let count = places[base + index].count.load(ordering: .relaxed)
                    guard count > 0 else { continue }
                    let code = index < Self.statuses.count ? "\(Self.statuses[index])" : "other"
                    values[[face.rawValue, code, family.rawValue]] = Double(count)
                }
            }
        }
        return values
    }
}
