import NIOCore

/// Connections that wait for their next exchange.
struct IdleConnections {
    /// More would be kept for nothing: that many exchanges with one origin at once are rare.
    static let mostPerOrigin = 8

    private var channels: [HTTPOrigin: [any Channel]] = [:]

    /// The one that was used last, which is the least likely to have been given up by the other side.
    mutating func take(for origin: HTTPOrigin) -> (any Channel)? {
        while let channel = channels[origin]?.popLast() {
            if channel.isActive { return channel }
        }
        channels[origin] = nil
        return nil
    }

    /// `false` if there are enough of them.
    mutating func put(_ channel: any Channel, for origin: HTTPOrigin) -> Bool {
        channels[origin]?.removeAll { !$0.isActive }
        guard channels[origin, default: []].count < Self.mostPerOrigin else { return false }
        channels[origin, default: []].append(channel)
        return true
    }
}
