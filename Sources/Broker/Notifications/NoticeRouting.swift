import AWSAPI
import AccessControl

/// Who can be told at all. What a request or a policy asks for beyond it is refused when it is asked for, not found out when
/// somebody waits for word.
package struct NoticeRouting: Sendable, Equatable {
    /// The names of the targets that know whom they reach.
    package let approverTargets: Set<String>
    /// By which target requesters are told, if they choose that channel.
    package let requesters: [RequesterChannel: String]

    package init(approverTargets: Set<String>, requesters: [RequesterChannel: String]) {
        self.approverTargets = approverTargets
        self.requesters = requesters
    }

    /// Whether policies can name any.
    var hasTargets: Bool { !approverTargets.isEmpty }

    /// Nobody is told anything.
    package static let nobody = NoticeRouting(approverTargets: [], requesters: [:])

    /// Where the principal wants to be told. Who names no channel is told by e-mail, if that can be.
    func address(
        of principal: Principal, by channel: RequesterChannel?
    ) throws(IssuanceFailure) -> NoticeAddress? {
        let mail = principal.email.flatMap { MailAddress($0) }?.text
        switch channel {
        case .nobody?: return nil
        case nil:
            return requesters[.email].flatMap { target in mail.map { NoticeAddress(target: target, recipient: $0) } }
        case .email?:
            let name = try target(of: .email)
            guard let mail else {
                throw .notificationTargetMissing(principal.email == nil ? .noVerifiedAddress : .unusableAddress)
            }
            return NoticeAddress(target: name, recipient: mail)
        case .sms?:
            let name = try target(of: .sms)
            guard let number = principal.phoneNumber.flatMap({ PhoneNumber($0) }) else {
                throw .notificationTargetMissing(.noVerifiedNumber)
            }
            return NoticeAddress(target: name, recipient: number.text)
        case .slack?: return NoticeAddress(target: try target(of: .slack))
        }
    }

    private func target(of channel: RequesterChannel) throws(IssuanceFailure) -> String {
        guard let target = requesters[channel] else { throw .notificationTargetMissing(.noChannel(channel)) }
        return target
    }

    /// Fails if those whom the rule wants told can't be.
    func check(_ rule: ApprovalRule?) throws(IssuanceFailure) {
        if let target = rule?.notify?.first(where: { !approverTargets.contains($0) }) {
            throw .notificationTargetMissing(.unknownTarget(target))
        }
    }
}

/// How whoever asks wants to be told what becomes of it; the first three are the original system's.
package enum RequesterChannel: String, Codable, Sendable, CaseIterable {
    case email, sms, slack
    case nobody = "none"
}

/// Why nobody could be told.
package enum MissingTarget: Sendable, Equatable {
    case noChannel(RequesterChannel)
    case noVerifiedAddress
    /// There is one, which is no ``MailAddress``.
    case unusableAddress
    case noVerifiedNumber
    /// A policy's; the configuration is checked for it, so somebody has changed the records.
    case unknownTarget(String)
}

extension MissingTarget: CustomStringConvertible {
    package var description: String {
        switch self {
        case .noChannel(let channel): "The broker tells nobody by \(channel.rawValue); choose another channel, or none."
        case .noVerifiedAddress: "Your token has no verified e-mail address; choose another channel, or none."
        case .unusableAddress:
            "The broker can't send mail to your token's e-mail address, as it is none in plain ASCII like "
                + "name@example.com; choose another channel, or none."
        case .noVerifiedNumber:
            "Your token has no verified telephone number like +14155550100; choose another channel, or none."
        case .unknownTarget(let name):
            "The policy's approvers can't be told: there is no notification target \"\(excerpt(name))\". Ask the broker's operator."
        }
    }
}
