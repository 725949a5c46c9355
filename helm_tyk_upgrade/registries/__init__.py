"""Image registries: what they hold, asked by the OCI distribution API with the credentials that are for them."""
