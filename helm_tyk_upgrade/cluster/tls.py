"""TLS to the API server: what we trust and the certificate we show. Keys never touch a disk."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from collections.abc import Iterator

from helm_tyk_upgrade.cluster.access import Access
from helm_tyk_upgrade.errors import ClusterError


def tls_context(access: Access) -> ssl.SSLContext:
    """Trust exactly the cluster's own authority where kubeconfig gives one, else the system's. Raises
    ClusterError."""
    if access.ca or access.insecure:
        # Not create_default_context: since Python 3.13 it refuses authorities without an Authority Key
        # Identifier, which cluster tools have made for years and every other Kubernetes client accepts.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    else:
        context = ssl.create_default_context()
    if access.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif access.ca:
        context.verify_flags |= (
            ssl.VERIFY_X509_PARTIAL_CHAIN
        )  # an intermediate may be the trusted one, as in Go
        try:
            context.load_verify_locations(cadata=access.ca)
        except ssl.SSLError as error:
            raise ClusterError(
                "the cluster's certificate authority is not valid PEM", "get a new kubeconfig"
            ) from error
    if access.certificate:
        show_certificate(context, access.certificate, access.key)
    return context


def show_certificate(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Identify with this certificate on new connections. Raises ClusterError when the two do not fit."""
    with _as_file(f"{certificate}\n{key}\n".encode()) as path:
        try:
            # An encrypted key must fail; without a password OpenSSL would ask on the terminal.
            context.load_cert_chain(path, password="")
        except (ssl.SSLError, OSError, ValueError) as error:
            raise ClusterError(
                "the client certificate and its key cannot be used",
                "get a new kubeconfig; the key must not be encrypted",
            ) from error


@contextlib.contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """A path from which `data` can be read: in memory on Linux, elsewhere a file only we can read, gone at
    once."""
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("tls", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, data)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            yield file.name
