/// What the user of the cache makes once of each new set of credentials, such as encoded answers.
///
/// A protocol, because every request looks one up: with a parameter for its type, the cache would be looked up by code that finds out
/// anew each time how large everything is.
package protocol PreparedForm: AnyObject, Sendable {}
