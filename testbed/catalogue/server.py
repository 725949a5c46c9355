"""The catalogue's server: threads, sockets, the faults in force and the count of requests."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from testbed.catalogue import faults as fault_table
from testbed.catalogue.charts import Chart, read_folder
from testbed.catalogue.documents import Repository, package_id
from testbed.catalogue.faults import ANSWERS, Fault
from testbed.catalogue.hub import Hub
from testbed.catalogue.repo import Repo, build_index
from testbed.catalogue.response import Request, Response, html, json_response, text
from testbed.catalogue.wire import Server

REPO_IS_DOWN = ("403", "429", "429-retry-after", "500", "502", "503", "hang", "drop", "cut")


@dataclass(frozen=True)
class Asked:
    """A request as it was served: `route` is the name that is counted."""

    method: str
    target: str
    route: str
    status: int
    headers: Mapping[str, str]


class Catalogue:
    """Artifact Hub and a Helm repository on one port of 127.0.0.1; serves inside `with`.

    `charts` is a folder of archives, `port` 0 any free port, `gateway_of` {chart version: gateway image tag}.
    """

    def __init__(
        self,
        charts: Path | str,
        port: int = 0,
        repo_name: str = "tyk-helm",
        gateway_of: Mapping[str, str] | None = None,
    ) -> None:
        self.repo_name = repo_name
        self._folder = Path(charts)
        self._gateway_of = dict(gateway_of or {})
        self._lock = threading.Lock()
        self._log: list[Asked] = []
        self._in_flight = self._most_in_flight = 0
        self._faults: dict[str, tuple[Fault, ...]] = {"hub": (), "repo": ()}
        self._used: Counter[int] = Counter()
        self._server = Server(("127.0.0.1", port), self)
        self.stopping = threading.Event()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.hub_url = f"{self.url}/api/v1"
        self.repo_url = f"{self.url}/charts"
        self.reload()

    def __enter__(self) -> Catalogue:
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def faults(
        self,
        hub: Iterable[Fault | str | dict[str, Any]] = (),
        repo: Iterable[Fault | str | dict[str, Any]] = (),
    ) -> None:
        """Puts exactly these faults in force; without arguments everything is healthy. Raises ValueError."""
        parsed = {"hub": tuple(map(Fault.parse, hub)), "repo": tuple(map(Fault.parse, repo))}
        with self._lock:
            self._faults = parsed
            self._used.clear()
        self._publish()

    def reload(self) -> None:
        """Reads the folder of charts again; faults stay in force."""
        self._charts = read_folder(self._folder)
        self._publish()

    def package_id(self, name: str) -> str:
        """The UUID the hub gives the package `name`: the same in every run."""
        return package_id(self.repo_name, name)

    def requests(self) -> Counter[str]:
        """Requests served so far by route: "hub package", "hub values", "repo index", "repo archive", ..."""
        with self._lock:
            return Counter(asked.route for asked in self._log)

    def log(self) -> tuple[Asked, ...]:
        """All requests served so far, in the order their answers were chosen."""
        with self._lock:
            return tuple(self._log)

    def max_in_flight(self) -> int:
        """The most requests that were under way at the same time."""
        with self._lock:
            return self._most_in_flight

    def forget_requests(self) -> None:
        """Starts the counts afresh."""
        with self._lock:
            self._log.clear()
            self._most_in_flight = self._in_flight

    def _publish(self) -> None:
        archives = fault_table.listing(self._charts, self._faults["repo"])
        listed = fault_table.listing(self._charts_for_hub(archives), self._faults["hub"])
        self._repo = Repo(archives, build_index(archives))
        self._hub = Hub(listed, self._fetch, Repository(self.repo_name, self.repo_url), self._gateway_of)

    def _charts_for_hub(self, archives: tuple[Chart, ...]) -> tuple[Chart, ...]:
        """What the hub's tracker saw: the good listing, with the digests of the archives as they are now."""
        now = {chart.filename: chart for chart in archives}
        return tuple(now.get(chart.filename, chart) for chart in self._charts)

    def _fetch(self, chart: Chart) -> bytes | None:
        """The archive as the hub itself would get it; OSError where the repository is down."""
        request = Request("GET", f"/charts/{chart.filename}", f"/{chart.filename}", {}, {})
        fault = self._fault_for("repo", request, use=False)
        if (
            fault
            and fault.name != "404"
            and fault.name in ("hang", "drop", "cut", "403", "429", "500", "502", "503")
        ):
            raise OSError(f"repository answers {fault.name}")
        return None if fault and fault.name == "404" else chart.data

    def serve(self, request: Request) -> Response:
        """The answer to a request, faults applied; it is counted unless it is one of our own (/-/...)."""
        if request.path.startswith("/-/"):
            return self._control(request)
        scope, prefix = ("hub", "/api/v1") if request.path.startswith("/api/v1/") else ("repo", "/charts")
        if not request.path.startswith(f"{prefix}/"):
            return html("Artifact Hub")
        inner = Request(**{**vars(request), "path": request.path[len(prefix) :]})
        route, response = (self._hub if scope == "hub" else self._repo).answer(inner)
        fault = self._fault_for(scope, request, use=True)
        if fault:
            response = fault_table.answer(response, request, fault)
        with self._lock:
            self._log.append(Asked(request.method, request.target, route, response.status, request.headers))
        return response

    def _fault_for(self, scope: str, request: Request, use: bool) -> Fault | None:
        """The first fault of the answer in force for this request; `use` counts it against its `times`."""
        with self._lock:
            for index, fault in enumerate(self._faults[scope]):
                key = index if scope == "hub" else -1 - index
                spent = 0 < fault.times <= self._used[key]
                if fault.name in ANSWERS and fault.path in request.target and not spent:
                    self._used[key] += use
                    return fault
        return None

    def _control(self, request: Request) -> Response:
        called = (request.method, request.path)
        if called == ("POST", "/-/faults"):
            try:
                self.faults(**fault_table.parse_request(request.body))
            except (ValueError, TypeError, AttributeError) as error:
                return json_response({"error": str(error)}, 400)
        elif called == ("POST", "/-/reload"):
            self.reload()
        elif called == ("DELETE", "/-/requests"):
            self.forget_requests()
        elif called != ("GET", "/-/requests"):
            return text("not found", 404)
        return json_response({"requests": dict(self.requests()), "max_in_flight": self.max_in_flight()})

    def enter_request(self) -> None:
        with self._lock:
            self._in_flight += 1
            self._most_in_flight = max(self._most_in_flight, self._in_flight)

    def leave_request(self) -> None:
        with self._lock:
            self._in_flight -= 1
