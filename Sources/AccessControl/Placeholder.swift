enum AccessControlPlaceholder {}
