import AccessControl
import FoundationEssentials

extension Grant {
    func state(at instant: Date) -> RequestState {
        if isRevoked { return .revoked }
        return instant < notBefore ? .scheduled : instant < notAfter ? .active : .ended
    }
}
