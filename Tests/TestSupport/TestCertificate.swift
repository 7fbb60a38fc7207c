/// A certificate for servers of tests, in PEM.
package enum TestCertificate {
    /// Of `localhost`, signed by itself, until 2126.
    package static let localhost = """
        -----BEGIN CERTIFICATE-----
        MIIBlDCCATugAwIBAgIUPtI20wZu55K18pACUXwJqAfGk/gwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNTIyNTkwM1oYDzIxMjYxMTAx
        MjI1OTAzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAARriZY7SB0mqe5Zd/PzskCpP3cZmDSxlbkarZGMBL+fBf6nLoGyAGQc
        iH6qPNrSjbucOQ5geaSgQWbaKoYl3+I/o2kwZzAdBgNVHQ4EFgQUkjARYFizkV11
        rnj1NaV2DHKkhGcwHwYDVR0jBBgwFoAUkjARYFizkV11rnj1NaV2DHKkhGcwFAYD
        VR0RBA0wC4IJbG9jYWxob3N0MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
        RwAwRAIgBSin8EhahNXEcDKsZQxGt6hLY0/rXDQA0xpTC19+a2ICIDGo2CJxxh04
        gkhZ4Eb3XNRfDthU5jaW+R8kto5bR7tU
        -----END CERTIFICATE-----
        """

    /// Its private key.
    package static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgP3A4bF3WxCf3U+wP
        1OUBUVWnIhWyNp9TwCz4+1gqsRKhRANCAARriZY7SB0mqe5Zd/PzskCpP3cZmDSx
        lbkarZGMBL+fBf6nLoGyAGQciH6qPNrSjbucOQ5geaSgQWbaKoYl3+I/
        -----END PRIVATE KEY-----
        """
}
