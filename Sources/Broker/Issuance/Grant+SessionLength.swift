import AWSAPI
import AccessControl
import FoundationEssentials

extension Grant {
    /// The session's length in seconds, if it is minted at the instant.
    ///
    /// Immediate: the whole window. Picked up later: what is left of it, so that the credentials end with the window,
    /// but at least the 900 s under which STS mints nothing; what is picked up in a window's last 15 minutes outlives
    /// it by that much at most.
    func sessionSeconds(at instant: Date) -> Int {
        let window = notAfter.timeIntervalSince(notBefore)
        let length = delivery == .immediate ? window : min(window, notAfter.timeIntervalSince(instant))
        let shortest = STSLimits.durationSeconds.lowerBound
        return max(shortest, Int(exactly: length.rounded(.down)) ?? shortest)
    }
}
