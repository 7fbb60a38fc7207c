enum CredentialCachePlaceholder {}
