import AccessControl

/// The forms of a request's page: those that its reader may send.
struct RequestForms {
    let shown: ShownRequest
    let tokens: RequestPage.Tokens

    private var approval: ApprovalCase { shown.approval }

    var html: HTML {
        var forms: [HTML] = []
        if shown.mayDecide { forms.append(decision) }
        if shown.mayCancel {
            let button: HTML = "<button type=\"submit\">Cancel the request</button>"
            forms.append(form(.cancel, title: "Cancel it", buttons: button))
        }
        if shown.mayRevoke {
            forms.append(
                form(
                    .revoke, title: "End it",
                    hint: "Nothing more is issued under it, and daemons drop what they hold within half a minute.",
                    buttons: "<button type=\"submit\" class=\"no\">Revoke the access</button>"))
        }
        return HTML(lines: forms)
    }

    private var decision: HTML {
        let approve: HTML =
            shown.mayApprove
            ? "<button type=\"submit\" name=\"decision\" value=\"approve\" class=\"yes\">Approve</button>" : ""
        return form(
            .decision, title: "Your decision", hint: decisionHint,
            buttons: """
                \(approve)
                <button type="submit" name="decision" value="deny" class="no">Deny</button>
                """)
    }

    private var decisionHint: HTML? {
        if shown.policy == nil {
            return "The policy has changed since it was asked for, so it can only be denied and must be requested anew."
        }
        return shown.ownVote == nil ? nil : "You have approved it. While it waits for others, you may still deny it."
    }

    private func form(_ act: FormTokens.Purpose.Act, title: HTML, hint: HTML? = nil, buttons: HTML) -> HTML {
        let id: HTML = "\(act.rawValue)"
        let paragraph: HTML = hint.map { text -> HTML in "<p>\(text)</p>" } ?? ""
        return """
            <section aria-labelledby="\(id)">
            <h2 id="\(id)">\(title)</h2>
            \(paragraph)
            <form method="post" action="/requests/\(approval.requestID.description)/\(id)">
            <input type="hidden" name="token" value="\(tokens.token(act))">
            <input type="hidden" name="content_hash" value="\(approval.contentHash)">
            <p><label for="\(id)-comment">Comment (others read it; may be left empty)</label>
            <textarea id="\(id)-comment" name="comment" rows="3" maxlength="1000"></textarea></p>
            <p class="buttons">\(buttons)</p>
            </form>
            </section>
            """
    }
}
