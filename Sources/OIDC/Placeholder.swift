enum OIDCPlaceholder {}
