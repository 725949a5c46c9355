"""Each fault does what its name says, for as long and as far as it was asked to."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from testbed.catalogue import FAULTS, Catalogue, Fault
from testbed.catalogue.faults import ANSWERS, LISTINGS
from tests.testbed_catalogue.client import Answer, Client

PACKAGE = "/packages/helm/tyk-helm/tyk-oss"
NEWEST = "5.4.0"


@pytest.mark.parametrize("scope", ["hub", "repo"])
@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        ("403", 403, "text/html"),
        ("404", 404, "text/html"),
        ("429", 429, "text/html"),
        ("500", 500, "application/json"),
        ("502", 502, "text/html"),
        ("503", 503, "text/html"),
        ("html", 200, "text/html"),
    ],
)
def test_status_faults(catalogue: Catalogue, scope: str, fault: str, status: int, content_type: str) -> None:
    answer = _faulty(catalogue, scope, fault)
    assert (answer.status, answer.headers["content-type"].partition(";")[0]) == (status, content_type)
    assert "retry-after" not in answer.headers


def test_retry_after_is_sent_where_asked_for(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=["429-retry-after=7"])
    answer = hub(PACKAGE)
    assert (answer.status, answer.headers["retry-after"]) == (429, "7")


def test_slow_waits_before_the_first_byte(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=["slow=0.3"])
    start = time.monotonic()
    assert hub(PACKAGE).status == 200
    assert time.monotonic() - start >= 0.3


def test_hang_never_answers(catalogue: Catalogue) -> None:
    catalogue.faults(hub=["hang"])
    with pytest.raises(TimeoutError):
        Client(catalogue.hub_url, timeout=0.3)(PACKAGE)


def test_hanging_answer_does_not_keep_the_catalogue_from_stopping(charts: Path) -> None:
    with Catalogue(charts) as catalogue:
        catalogue.faults(hub=["hang"])
        asking = threading.Thread(
            target=_swallow, args=(lambda: Client(catalogue.hub_url, timeout=30)(PACKAGE),)
        )
        asking.start()
        while not catalogue.log():
            time.sleep(0.01)
    asking.join(timeout=5)
    assert not asking.is_alive()


def test_drop_closes_without_an_answer(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=["drop"])
    with pytest.raises(http.client.RemoteDisconnected):
        hub(PACKAGE)


@pytest.mark.parametrize(
    ("scope", "path"), [("hub", PACKAGE), ("repo", "/index.yaml"), ("repo", "/tyk-oss-5.3.0.tgz")]
)
def test_cut_closes_in_the_middle(catalogue: Catalogue, scope: str, path: str) -> None:
    whole = _ask(catalogue, scope, path).body
    catalogue.faults(**{scope: ["cut"]})
    with pytest.raises(http.client.IncompleteRead) as cut:
        _ask(catalogue, scope, path)
    assert cut.value.partial == whole[: len(whole) // 2]


@pytest.mark.parametrize("fault", ["nonsense", "truncated-json", "empty"])
def test_answer_that_is_no_json(catalogue: Catalogue, hub: Client, fault: str) -> None:
    catalogue.faults(hub=[fault])
    answer = hub(PACKAGE)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    with pytest.raises(ValueError, match=r"."):
        json.loads(answer.body)


def test_wrong_types_change_every_field(catalogue: Catalogue, hub: Client) -> None:
    good = hub(PACKAGE).json()
    catalogue.faults(hub=["wrong-types"])
    bad = hub(PACKAGE).json()
    assert bad.keys() == good.keys()
    assert [
        key for key in good if type(good[key]) is type(bad[key]) and not isinstance(good[key], dict)
    ] == []
    assert isinstance(bad["available_versions"], dict)


def test_deep_json_is_deeper_than_a_recursive_reader_bears(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=["deep-json"])
    body = hub(PACKAGE).body
    assert body.count(b"[") == body.count(b"]") == 100_000
    with pytest.raises(RecursionError):
        json.loads(body)


def test_huge_numbers_are_valid_json(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=["huge-numbers"])
    found = json.loads(hub(PACKAGE).body, parse_int=str)
    assert len(found["ts"]) == 5_000


def test_terminal_escapes_reach_every_text(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=["terminal-escapes"])
    found = hub(PACKAGE).json()
    assert found["version"].startswith(f"{NEWEST}\x1b[2J")
    assert "\x1b" in found["available_versions"][0]["version"]


def test_huge_answer_has_the_size_it_states(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=["huge=3"])
    answer = hub(PACKAGE)
    assert int(answer.headers["content-length"]) == len(answer.body) > 3 * 1024 * 1024
    assert answer.json()["name"] == "tyk-oss"


def test_redirects_never_end(catalogue: Catalogue) -> None:
    catalogue.faults(repo=["redirect-loop"])
    with pytest.raises(urllib.error.HTTPError, match="infinite loop"):
        urllib.request.urlopen(f"{catalogue.repo_url}/index.yaml", timeout=5)


def test_fault_ends_after_its_times(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=[Fault("503", times=2)])
    assert [hub(PACKAGE).status for _ in range(4)] == [503, 503, 200, 200]


def test_fault_reaches_only_its_path(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=[{"name": "500", "path": "/values"}])
    assert hub(PACKAGE).status == 200
    assert hub(f"/packages/{catalogue.package_id('tyk-oss')}/5.3.0/values").status == 500


def test_second_fault_takes_over_when_the_first_is_spent(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=[Fault("503", times=1), Fault("429", times=1)])
    assert [hub(PACKAGE).status for _ in range(3)] == [503, 429, 200]


def test_fault_of_one_side_leaves_the_other_alone(catalogue: Catalogue, hub: Client, repo: Client) -> None:
    catalogue.faults(hub=["503"])
    assert (hub(PACKAGE).status, repo("/index.yaml").status) == (503, 200)


def test_prerelease_becomes_the_latest(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=["prerelease-latest"])
    found = hub(PACKAGE).json()
    assert (found["version"], found["prerelease"]) == ("99.0.0-alpha.1", True)
    assert [v["prerelease"] for v in found["available_versions"]].count(True) == 1


def test_prerelease_in_the_index_is_a_whole_chart(catalogue: Catalogue, repo: Client) -> None:
    catalogue.faults(repo=["prerelease-latest=6.0.0-rc1"])
    entry = _newest_entry(repo)
    data = repo(f"/{entry['urls'][0]}").body
    assert (entry["version"], entry["digest"]) == ("6.0.0-rc1", hashlib.sha256(data).hexdigest())
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        chart = tar.extractfile("tyk-oss/Chart.yaml")
        assert chart is not None
        assert yaml.safe_load(chart.read())["version"] == "6.0.0-rc1"


def test_ghost_version_is_listed_and_cannot_be_had(catalogue: Catalogue, hub: Client, repo: Client) -> None:
    catalogue.faults(hub=["ghost-version"], repo=["ghost-version"])
    assert hub(PACKAGE).json()["version"] == "99.0.0"
    assert hub(f"/packages/{catalogue.package_id('tyk-oss')}/99.0.0/values").status == 404
    entry = _newest_entry(repo)
    assert entry["version"] == "99.0.0"
    assert repo(f"/{entry['urls'][0]}").status == 404


def test_stale_hub_lacks_what_the_index_has(catalogue: Catalogue, hub: Client, repo: Client) -> None:
    catalogue.faults(hub=["stale"])
    assert hub(PACKAGE).json()["version"] == "5.3.0"
    assert hub(f"{PACKAGE}/{NEWEST}").status == 404
    assert _newest_entry(repo)["version"] == NEWEST


def test_archive_that_is_gone_takes_the_hubs_values_with_it(
    catalogue: Catalogue, hub: Client, repo: Client
) -> None:
    catalogue.faults(repo=["tgz-404=5.3.0"])
    identifier = catalogue.package_id("tyk-oss")
    assert repo("/tyk-oss-5.3.0.tgz").status == 404
    assert hub(f"/packages/{identifier}/5.3.0/values").status == 404
    assert hub(f"/packages/{identifier}/5.0.0/values").status == 200
    assert hub(f"{PACKAGE}/5.3.0").status == 200


def test_values_fail_while_the_repository_is_down_and_heal(catalogue: Catalogue, hub: Client) -> None:
    path = f"/packages/{catalogue.package_id('tyk-oss')}/5.3.0/values"
    catalogue.faults(repo=["503"])
    answer = hub(path)
    assert (answer.status, answer.body) == (500, b'{"message":""}\n')
    catalogue.faults()
    assert hub(path).status == 200


@pytest.mark.parametrize("scope", ["hub", "repo"])
def test_wrong_digest_is_not_the_archives(
    catalogue: Catalogue, hub: Client, repo: Client, scope: str
) -> None:
    catalogue.faults(**{scope: ["wrong-digest"]})
    entry = _newest_entry(repo)
    stated = hub(PACKAGE).json()["digest"] if scope == "hub" else entry["digest"]
    assert len(stated) == 64
    assert stated != hashlib.sha256(repo(f"/{entry['urls'][0]}").body).hexdigest()


@pytest.mark.parametrize(
    ("fault", "member", "check"),
    [
        ("zip-slip", "tyk-oss/../../escaped", tarfile.TarInfo.isreg),
        ("absolute-path", "/tmp/escaped", tarfile.TarInfo.isreg),
        ("symlink", "tyk-oss/templates/out", tarfile.TarInfo.issym),
        ("symlink", "tyk-oss/templates/out/tmp/escaped", tarfile.TarInfo.isreg),
        ("bomb=8", "tyk-oss/templates/zeros", lambda entry: entry.size == 8 * 1024 * 1024),
    ],
)
def test_hostile_archive_matches_its_digest(
    catalogue: Catalogue, repo: Client, fault: str, member: str, check: Callable[[tarfile.TarInfo], bool]
) -> None:
    catalogue.faults(repo=[fault])
    entry = _newest_entry(repo)
    data = repo(f"/{entry['urls'][0]}").body
    assert hashlib.sha256(data).hexdigest() == entry["digest"]
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        assert check(tar.getmember(member))
        assert "tyk-oss/Chart.yaml" in tar.getnames()


@pytest.mark.parametrize("fault", ["not-gzip", "truncated-tgz"])
def test_archive_that_cannot_be_read(catalogue: Catalogue, repo: Client, fault: str) -> None:
    catalogue.faults(repo=[fault])
    data = repo(f"/{_newest_entry(repo)['urls'][0]}").body
    with (
        pytest.raises((tarfile.ReadError, EOFError)),
        tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as tar,
    ):
        tar.getmembers()


def test_every_fault_can_be_put_in_force_on_both_sides(catalogue: Catalogue) -> None:
    assert set(FAULTS) == ANSWERS.keys() | LISTINGS.keys()
    for fault in sorted(set(FAULTS) - {"bomb"}):
        catalogue.faults(hub=[fault], repo=[fault])


@pytest.mark.parametrize("given", ["409", {"name": "500", "when": "now"}, {"name": "nothing"}])
def test_unknown_fault_is_refused(catalogue: Catalogue, given: Any) -> None:
    with pytest.raises(ValueError, match=r"no fault|a fault has no"):
        catalogue.faults(hub=[given])


def test_faults_are_switched_over_http(catalogue: Catalogue, hub: Client) -> None:
    control = Client(catalogue.url)
    assert control("/-/faults", "POST", b'{"hub": ["503"]}').status == 200
    assert hub(PACKAGE).status == 503
    assert control("/-/faults", "POST", b"{}").status == 200
    assert hub(PACKAGE).status == 200


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b'{"hubb": []}', b'{"hub": ["none"]}', b'{"hub": [3]}', b'{"hub": 3}']
)
def test_wrong_request_for_faults_is_answered_with_the_reason(catalogue: Catalogue, body: bytes) -> None:
    answer = Client(catalogue.url)("/-/faults", "POST", body)
    assert answer.status == 400
    assert answer.json()["error"]


def test_requests_are_counted_by_route(catalogue: Catalogue, hub: Client, repo: Client) -> None:
    for _ in range(2):
        hub(PACKAGE, User_Agent="checker/1")
    hub("/packages/search")
    repo("/index.yaml")
    repo("/tyk-oss-5.3.0.tgz")
    expected = {"hub package": 2, "hub search": 1, "repo index": 1, "repo archive": 1}
    assert catalogue.requests() == expected
    assert catalogue.log()[0].headers["user-agent"] == "checker/1"
    control = Client(catalogue.url)
    assert control("/-/requests").json() == {"requests": expected, "max_in_flight": 1}
    assert control("/-/requests", "DELETE").json()["requests"] == {}


def test_requests_at_once_are_seen(catalogue: Catalogue, hub: Client) -> None:
    catalogue.faults(hub=["slow=0.3"])
    threads = [threading.Thread(target=hub, args=(PACKAGE,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert catalogue.max_in_flight() == 3


def test_program_prints_its_urls_and_stops_at_sigterm(charts: Path) -> None:
    command = [sys.executable, "-m", "testbed.catalogue", "--charts", str(charts), "--fault", "hub:429"]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [*command, "--gateway-of", "5.3.0=v9"], stdout=subprocess.PIPE, text=True, cwd=root
    ) as process:
        try:
            assert process.stdout is not None
            ready = json.loads(process.stdout.readline())
            assert ready["pid"] == process.pid
            assert Client(ready["hub_url"])(PACKAGE).status == 429
            assert Client(ready["repo_url"])("/index.yaml").status == 200
            Client(ready["url"])("/-/faults", "POST", b"{}")
            found = Client(ready["hub_url"])(f"{PACKAGE}/5.3.0").json()
            assert found["containers_images"][-1]["image"].endswith(":v9")
        finally:
            os.kill(process.pid, signal.SIGTERM)
        assert process.wait(timeout=10) == 0


def _ask(catalogue: Catalogue, scope: str, path: str) -> Answer:
    return Client(catalogue.hub_url if scope == "hub" else catalogue.repo_url)(path)


def _faulty(catalogue: Catalogue, scope: str, fault: str) -> Answer:
    catalogue.faults(**{scope: [fault]})
    return _ask(catalogue, scope, PACKAGE if scope == "hub" else "/index.yaml")


def _newest_entry(repo: Client) -> dict[str, Any]:
    entry: dict[str, Any] = yaml.safe_load(repo("/index.yaml").body)["entries"]["tyk-oss"][0]
    return entry


def _swallow(call: Callable[[], object]) -> None:
    try:
        call()
    except (OSError, http.client.HTTPException):
        return
