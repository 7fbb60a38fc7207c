/// A certificate for servers of tests, in PEM.
package enum TestCertificate {
    /// Of `localhost`, signed by itself, good from 2020 until 2120.
    package static let localhost = """
        -----BEGIN CERTIFICATE-----
        MIIBdDCCARqgAwIBAgIUTfUJZNbTYXgRxAtz/uSr1KtAIYUwCgYIKoZIzj0EAwIw
        FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAx
        MDAwMDAwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
        PQMBBwNCAAS4iTxGg5jCcAifSZOwIN1wLwCIg6f9qthwM3cH2CmiGVC+lm3Sqwik
        4R2nCFi3naYgU3e7ATZnj6ywefFoz5szo0gwRjAdBgNVHQ4EFgQUtYkxaUX8Is9e
        B7dlaMevdjTnDoowFAYDVR0RBA0wC4IJbG9jYWxob3N0MA8GA1UdEwEB/wQFMAMB
        Af8wCgYIKoZIzj0EAwIDSAAwRQIgTegVNK9CgMJm251jsziVi69WDEX+DBTP2c/D
        pvUFKk4CIQDjzO7z4wrOPpNTO3Tk4E7Ug7uqLy9K7eun7W3+EdXa0Q==
        -----END CERTIFICATE-----
        """

    /// Its private key.
    package static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkyRK6GLmoOTgNU9D
        g9bHs0gVicGLf+KnrUE6ALEieBWhRANCAAS4iTxGg5jCcAifSZOwIN1wLwCIg6f9
        qthwM3cH2CmiGVC+lm3Sqwik4R2nCFi3naYgU3e7ATZnj6ywefFoz5sz
        -----END PRIVATE KEY-----
        """
}
