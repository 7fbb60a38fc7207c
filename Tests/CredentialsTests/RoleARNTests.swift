import Credentials
import Testing

@Suite struct RoleARNTests {
    @Test func `a path is not part of the name`() throws {
        let role = try RoleARN("arn:aws-cn:iam::111122223333:role/team/a/Deploy+1=,.@-_")
        #expect(role.partition == "aws-cn")
        #expect(role.accountID == "111122223333")
        #expect(role.name == "Deploy+1=,.@-_")
        #expect(role.description == "arn:aws-cn:iam::111122223333:role/team/a/Deploy+1=,.@-_")
    }

    @Test(arguments: [
        "", "arn", "arn:aws:iam::111122223333:user/a", "arn:aws:iam::11112222333:role/a",
        "arn:aws:iam::11112222333x:role/a", "arn:aws:iam:us-east-1:111122223333:role/a",
        "arn:aws:sts::111122223333:role/a", "arn:gcp:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/",
        "arn:aws:iam::111122223333:role//a", "arn:aws:iam::111122223333:role/a b",
        "arn:aws:iam::111122223333:role/\(String(repeating: "a", count: 65))",
        "arn:aws:iam::１11122223333:role/a", "arn:aws:iam::111122223333:role/pä/a",
        "arn:aws:iam::111122223333:role/\(String(repeating: "p/", count: 1020))a",
    ])
    func `anything else is refused with the text quoted`(text: String) {
        #expect { try RoleARN(text) } throws: { "\($0)".contains("\"\(text)\" is not the ARN") }
    }
}
