/// A session tag: what CloudTrail shows and IAM conditions read as `aws:PrincipalTag/KEY`.
package struct SessionTag: Sendable, Hashable {
    package let key: String
    package let value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}
