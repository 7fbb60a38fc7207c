/// The version of everything in this package, as the broker says it; a test holds it to the daemon's.
package enum BrokerVersion {
    package static let text = "0.1.0"
}
