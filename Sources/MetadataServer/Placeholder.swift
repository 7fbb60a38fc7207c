enum MetadataServerPlaceholder {}
