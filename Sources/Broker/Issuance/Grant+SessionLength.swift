import AWSAPI
import AccessControl
import FoundationEssentials

extension Grant {
    /// The session's length in seconds, if it is minted at the instant.
    ///
    /// Immediate: the whole window. Picked up later: what is left of it, so that the credentials end with the window,
    /// but at least the 900 s under which STS mints nothing; what is picked up in a window's last 15 minutes outlives
    /// it by that much at most. Of those there may be several, so role chaining shortens each where it must.
    ///
    /// - Parameter wanted: the longest that whoever asks wants, if they say; less than 900 s counts as that.
    func sessionSeconds(at instant: Date, chaining: Bool, atMost wanted: Duration?) -> Int {
        let window = notAfter.timeIntervalSince(notBefore)
        let length = delivery == .immediate ? window : min(window, notAfter.timeIntervalSince(instant))
        let shortest = STSLimits.durationSeconds.lowerBound
        let longest =
            chaining && delivery == .pickUp ? STSLimits.chainedDurationSeconds : STSLimits.durationSeconds.upperBound
        let possible = min(longest, max(shortest, Int(exactly: length.rounded(.down)) ?? shortest))
        return wanted.map { min(possible, max(shortest, $0.wholeSeconds)) } ?? possible
    }
}
