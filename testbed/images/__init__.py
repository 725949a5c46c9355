"""Container images made by hand: OCI archives without a registry, a Dockerfile or a daemon."""
