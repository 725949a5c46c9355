"""A pod's port on a local port, as `kubectl port-forward` gives it, for as long as a `with` block lasts."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from helm_tyk_upgrade.cluster.tunnel import Tunnel, TunnelError, open_tunnel
from helm_tyk_upgrade.errors import ClusterError

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster


class PortForward:
    """Each connection to 127.0.0.1:port is carried to the pod in a tunnel of its own, so a lost one hurts no
    other.

    When a tunnel fails its local connection is closed: the client sees a lost connection, and `trouble` tells
    why.
    """

    def __init__(self, cluster: Cluster, namespace: str, pod: str, port: int) -> None:
        self._target = (cluster, namespace, pod, port)
        # The first connection is made at once: it tells a forbidden or absent pod early, and waits for the
        # first client.
        self._spare: Tunnel | None = open_tunnel(*self._target)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._trouble: TunnelError | None = None
        self._lock = threading.Lock()
        self._open: set[Tunnel | socket.socket] = set()
        self._threads: set[threading.Thread] = set()
        self._closing = False
        self._start(self._accept)

    def base(self, scheme: str = "http") -> str:
        """`http://127.0.0.1:41234`."""
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def trouble(self) -> TunnelError | None:
        """Why the newest failed connection failed, None when the newest ended well."""
        return self._trouble

    def close(self) -> None:
        """End all connections; returns when every thread has ended."""
        with self._lock:
            self._closing = True
            for item in [self._listener, *self._open, *filter(None, [self._spare])]:
                _end(item)
        for thread in list(self._threads):
            thread.join()
        self._listener.close()

    def _start(self, work: object, *arguments: object) -> None:
        def run() -> None:
            try:
                work(*arguments)  # type: ignore[operator]
            finally:
                self._threads.discard(threading.current_thread())

        thread = threading.Thread(target=run, name="port-forward", daemon=True)
        self._threads.add(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing:
            try:
                local, _ = self._listener.accept()
            except OSError:
                return  # closed
            self._start(self._serve, local)

    def _serve(self, local: socket.socket) -> None:
        with local, contextlib.suppress(OSError):
            tunnel = None
            try:
                tunnel = self._take_spare() or open_tunnel(*self._target)
                with self._lock:
                    if self._closing:
                        tunnel.close()
                        return
                    self._open |= {tunnel, local}
                tunnel.carry(local)
                self._trouble = None
            except TunnelError as error:
                if not self._closing:
                    self._trouble = error
            finally:
                with self._lock:
                    self._open -= {tunnel, local}

    def _take_spare(self) -> Tunnel | None:
        with self._lock:
            spare, self._spare = self._spare, None
            return spare


def _end(item: Tunnel | socket.socket) -> None:
    if isinstance(item, Tunnel):
        item.close()
        return
    with contextlib.suppress(OSError):
        item.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def port_forward(cluster: Cluster, namespace: str, pod: str, port: int) -> Iterator[PortForward]:
    """Forward a local port to a pod's port. Raises TunnelError when the pod is gone or we may not; trouble of
    a single connection later is in PortForward.trouble."""
    try:
        forward = PortForward(cluster, namespace, pod, port)
    except OSError as error:
        raise ClusterError(
            f"cannot listen on 127.0.0.1: {error.strerror}", "loopback must be usable"
        ) from error
    try:
        yield forward
    finally:
        forward.close()
