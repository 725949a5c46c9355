"""The fake registry at work: TLS under several names, all of which lead to this machine for the time of a test."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.registries.fake import FakeRegistry

HUB = "registry-1.docker.io"
HOSTS = ("registry.test", "auth.test", "cdn.test", "evil.test", HUB)


def make_certificate(folder: Path) -> Path:
    """Key and certificate of the fake's hosts in one file, which is its own CA too."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    file = folder / "both.pem"
    names = ",".join(f"DNS:{host}" for host in (*HOSTS, "localhost"))
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subject = ["-subj", "/CN=fake", "-addext", f"subjectAltName={names}", "-days", "2"]
    command = ["openssl", "req", "-x509", *curve, *subject, "-keyout", f"{file}.key", "-out", str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    file.write_bytes(file.read_bytes() + Path(f"{file}.key").read_bytes())
    return file


@contextmanager
def serving(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeRegistry]:
    """Also reachable as Docker Hub, whose port is 443."""
    server = FakeRegistry(certificate)
    point_at_this_machine(monkeypatch, server.port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def point_at_this_machine(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """The hosts of the fake, each of them at its port, even where 443 is asked for. No proxy is in the way; a CA bundle
    of the machine's own is, and --ca-file wins over it."""
    original = socket.getaddrinfo

    def resolve(host: str | bytes | None, asked: Any, *rest: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name not in HOSTS:
            return original(host, asked, *rest, **more)
        return original("127.0.0.1", port if asked in (443, "443", "https") else asked, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", os.devnull)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, ",".join(("127.0.0.1", "localhost", *HOSTS)))
