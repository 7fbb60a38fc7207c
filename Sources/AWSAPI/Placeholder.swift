enum AWSAPIPlaceholder {}
