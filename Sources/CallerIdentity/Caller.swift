/// The local process on the other end of a connection, as the kernel knows it.
package struct Caller: Sendable, Hashable {
    /// The effective user id of whoever made the connection.
    package let userID: UInt32
    /// The effective group id; known for Unix sockets only.
    package let groupID: UInt32?
    /// The process at the moment it connected; known for Unix sockets only. See the module's comment on its worth.
    package let processID: Int32?
    /// The groups of the user; `nil` if nobody has looked.
    package var groups: Set<UInt32>?
    /// Every process that holds the other end; `nil` if nobody has looked. A rule must fit all of them.
    package var processes: [ProcessFacts]?

    /// Whether everything that `detail` names has been looked up.
    package func has(_ detail: CallerDetail) -> Bool {
        (groups != nil || !detail.contains(.groups)) && (processes != nil || !detail.contains(.processes))
    }

    package init(userID: UInt32, groupID: UInt32?, processID: Int32?) {
        self.userID = userID
        self.groupID = groupID
        self.processID = processID
    }

    /// `(uid_t) -1`: what the kernel says when there is no user to name (unix(7), SO_PEERCRED on TCP).
    static let noUser = UInt32.max
}
