enum CallerIdentityPlaceholder {}
