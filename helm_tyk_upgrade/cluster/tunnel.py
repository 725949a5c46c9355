"""One connection into a pod: bytes in WebSocket frames, as the API server's port-forward speaks them.

Protocol `v4.channel.k8s.io`, understood by every kubelet since 1.5: the first byte of a frame is its channel,
0 data and 1 errors; the first frame of each channel carries the port number, two bytes, and is no data.
https://github.com/kubernetes/kubernetes/blob/v1.34.4/staging/src/k8s.io/kubelet/pkg/cri/streaming/portforward/websocket.go
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
from typing import TYPE_CHECKING, Literal

import httpcore2
import httpx2
import wsproto
from wsproto.events import BytesMessage, CloseConnection, Ping, TextMessage

from helm_tyk_upgrade.cluster.refusals import ApiRefused
from helm_tyk_upgrade.cluster.transport import STREAM
from helm_tyk_upgrade.errors import ClusterError, NotFound
from helm_tyk_upgrade.model.secrets import printable

if TYPE_CHECKING:
    from helm_tyk_upgrade.cluster.client import Cluster

Kind = Literal["forbidden", "pod-gone", "api-lost", "port-refused"]
_DATA, _ERROR = 0, 1
_CHUNK = 64 << 10
_STALLED = 30.0
"""Seconds a write may wait for the other side to take bytes."""


class TunnelError(ClusterError):
    """No bytes reach the pod. kind tells whose trouble it is: `port-refused` is the pod's (nothing listens
    there), the others say nothing about the application."""

    def __init__(self, kind: Kind, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.kind: Kind = kind


class Tunnel:
    """An open connection to a port of a pod. `carry` moves bytes until one side ends."""

    def __init__(self, response: httpx2.Response, what: str) -> None:
        stream = response.extensions["network_stream"]
        self._response = response
        self._what = what
        self._socket: socket.socket = stream.get_extra_info("socket")
        if stream.get_extra_info("ssl_object") is not None and not isinstance(self._socket, ssl.SSLSocket):
            response.close()
            raise TunnelError(
                "api-lost",
                f"{what}: not possible through an https:// proxy",
                "use an http:// proxy for the cluster",
            )
        self._frames = wsproto.connection.Connection(wsproto.ConnectionType.CLIENT)
        self._opened: set[int] = set()
        self._pending = bytearray()
        # The kubelet speaks first, and its words may have come with the answer's head, where no selector sees
        # them.
        self._frames.receive_data(stream.read(_CHUNK, timeout=_STALLED) or None)
        self._socket.setblocking(False)

    def close(self) -> None:
        """May be called from another thread: whoever waits on the connection then sees its end."""
        with contextlib.suppress(OSError):  # it may be closed already
            self._socket.shutdown(socket.SHUT_RDWR)
        self._response.close()

    def carry(self, local: socket.socket) -> None:
        """Move bytes between a local connection and the pod until either closes. Raises TunnelError."""
        local.settimeout(_STALLED)
        try:
            with selectors.DefaultSelector() as ready:
                ready.register(local, selectors.EVENT_READ)
                ready.register(self._socket, selectors.EVENT_READ)
                more = self._events(local)
                while more and self._step(local, [key.fileobj for key, _ in ready.select(_STALLED)]):
                    pass
        except (OSError, ssl.SSLError, wsproto.utilities.ProtocolError) as error:
            raise TunnelError(
                "api-lost", f"{self._what}: the connection to the API server was lost", "try again"
            ) from error
        finally:
            self.close()

    def _step(self, local: socket.socket, readable: list[object]) -> bool:
        if local in readable:
            try:
                data = local.recv(_CHUNK)
            except OSError:
                return False  # our own client hung up
            if not data:
                return False
            self._send(self._frames.send(BytesMessage(bytes((_DATA,)) + data)))
        if self._socket in readable:
            return self._receive(local)
        return True

    def _receive(self, local: socket.socket) -> bool:
        """Everything that has arrived. TLS may hold decrypted bytes that a selector does not see, hence the
        loop."""
        while True:
            try:
                data = self._socket.recv(_CHUNK)
            except (ssl.SSLWantReadError, BlockingIOError):
                return True
            self._frames.receive_data(data or None)
            if not self._events(local) or not data:
                return False

    def _events(self, local: socket.socket) -> bool:
        """Act on the frames that are complete; False when the other side closed."""
        for event in self._frames.events():
            if isinstance(event, Ping):
                self._send(self._frames.send(event.response()))
            elif isinstance(event, CloseConnection):
                return False
            elif isinstance(event, BytesMessage | TextMessage):
                self._message(event, local)
        return True

    def _message(self, event: BytesMessage | TextMessage, local: socket.socket) -> None:
        self._pending += event.data.encode() if isinstance(event, TextMessage) else event.data
        if not event.message_finished:
            return
        frame, self._pending = bytes(self._pending), bytearray()
        channel, payload = frame[0], frame[1:]
        if channel not in self._opened:
            self._opened.add(channel)
            payload = payload[2:]
        if channel == _ERROR and payload:
            raise _pod_refused(self._what, payload)
        if channel == _DATA and payload:
            local.sendall(payload)

    def _send(self, data: bytes) -> None:
        view = memoryview(data)
        with selectors.DefaultSelector() as ready:
            ready.register(self._socket, selectors.EVENT_WRITE)
            while view:
                if not ready.select(_STALLED):
                    raise TimeoutError("the API server takes no more bytes")
                with contextlib.suppress(ssl.SSLWantWriteError, BlockingIOError):
                    view = view[self._socket.send(view) :]


def open_tunnel(cluster: Cluster, namespace: str, pod: str, port: int) -> Tunnel:
    """Connect to a port of a pod through the API server. Raises TunnelError; that nothing listens on the port
    shows only when bytes are carried."""
    what = f"port-forward to {namespace}/{pod}:{port}"
    request = cluster.http.build_request(
        "GET",
        f"api/v1/namespaces/{namespace}/pods/{pod}/portforward",
        params={"ports": str(port)},
        headers={
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Key": wsproto.utilities.generate_nonce().decode(),
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Protocol": "v4.channel.k8s.io",
        },
        extensions={STREAM: True},
    )
    try:
        response = cluster.http.send(request, stream=True)
    except NotFound as error:
        raise TunnelError("pod-gone", f"{what}: {error.message}") from error
    except ApiRefused as error:
        raise _refused(what, error) from error
    except ClusterError as error:
        raise TunnelError("api-lost", f"{what}: {error.message}", error.hint) from error
    if response.status_code != 101:
        response.close()
        raise TunnelError(
            "api-lost",
            f"{what}: the API server did not switch to WebSocket ({response.status_code})",
            "a proxy before the API server may not let WebSockets through",
        )
    try:
        return Tunnel(response, what)
    except (httpcore2.NetworkError, httpcore2.TimeoutException, OSError) as error:
        response.close()
        raise TunnelError(
            "api-lost", f"{what}: the connection to the API server was lost", "try again"
        ) from error


def _refused(what: str, error: ApiRefused) -> TunnelError:
    if error.code in (401, 403):
        return TunnelError(
            "forbidden", f"{what}: {error.message}", "needs the rights `get` and `create` on pods/portforward"
        )
    if "is not running" in error.message or "current phase is" in error.message:
        return TunnelError("pod-gone", f"{what}: {error.message}")
    return TunnelError("api-lost", f"{what}: {error.message}", error.hint)


def _pod_refused(what: str, payload: bytes) -> TunnelError:
    """The kubelet's own words, written when it could not reach the port in the pod or the pod went away."""
    words = printable(payload.decode("utf-8", "replace").strip())[:500]
    if "refused" in words:
        return TunnelError("port-refused", f"{what}: nothing listens on this port in the pod ({words})")
    gone = any(
        sign in words for sign in ("not found", "not running", "NotFound", "no such", "network namespace")
    )
    return TunnelError("pod-gone" if gone else "api-lost", f"{what}: {words}")
