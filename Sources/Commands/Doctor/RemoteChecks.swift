import Credentials
import DaemonAPI
import FoundationEssentials
import HTTPExchange
import NIOHTTP1
import OIDC

/// The broker and the identity provider, as this machine reaches them.
enum RemoteChecks {
    static func findings(_ status: DaemonStatus, _ session: Session) async -> [Finding] {
        await [broker(status, session), provider(status, session)].flatMap(\.self)
    }

    private static func broker(_ status: DaemonStatus, _ session: Session) async -> [Finding] {
        let url = status.brokerURL
        do throws(HTTPExchangeFailure) {
            let answer = try await session.broker.answer(to: HTTPClientRequest(url: "\(url)/healthz"))
            guard answer.status == 200 else {
                return [.problem("broker", "\(url) answers with status \(answer.status).", mend: "ask its operator.")]
            }
            return [.ok("broker", "\(url) answers.")] + clock(answer, status)
        } catch {
            return [
                .problem(
                    "broker", "\(url) is not reached: \(error.reason).",
                    mend: "check network and VPN, and broker.url in stsbrokerd.yaml.")
            ]
        }
    }

    private static func clock(_ answer: HTTPAnswer, _ status: DaemonStatus) -> [Finding] {
        guard let theirs = answer.headers.first(name: "Date").flatMap(HTTPDate.date),
            let ours = status.now.flatMap(AWSTimestamp.date)
        else { return [] }
        return [MachineChecks.clock(aheadBy: theirs.timeIntervalSince(ours))]
    }

    private static func provider(_ status: DaemonStatus, _ session: Session) async -> [Finding] {
        do throws(SignInError) {
            _ = try await ProviderDiscovery(http: session.http).metadata(of: status.provider.issuer)
            return [.ok("identity provider", "\(status.provider.issuer) answers.")]
        } catch {
            return [
                .problem(
                    "identity provider", "\(error).",
                    mend: "check network and VPN, and identity_provider.issuer in stsbrokerd.yaml.")
            ]
        }
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
enum HTTPDate {
    static func date(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let number = month + 1
        return AWSTimestamp.date("\(words[3])-\(number < 10 ? "0" : "")\(number)-\(words[1])T\(words[4])Z")
    }
}
