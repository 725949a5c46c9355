"""A plan in a bad world: real answers of the real API server, late, refused or cut off on the way to us; a catalogue
and charts that cannot be trusted. The plan says what it could not find out, and never that it passed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from testbed.catalogue import Catalogue
from tests.conftest import KUBECONFIG
from tests.degraded.program import kubeconfig
from tests.degraded.proxy import FaultyServer, Trouble, upstream_of
from tests.live.conftest import NewSite
from tests.live.harness import FULL, Done, Site, own_cache

Plan = Callable[..., dict[str, Any]]
ESCAPED = Path("/tmp/escaped")  # where the hostile archives of the catalogue would write


@pytest.fixture(scope="module")
def site(new_site: NewSite) -> Site:
    made = new_site("degraded")
    made.install("4.0.0", made.world.values(tag="v5.9.1"))
    return made


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyServer]:
    with FaultyServer(upstream_of(Path(KUBECONFIG), tmp_path_factory.mktemp("proxy"))) as serving:
        yield serving


@pytest.fixture
def behind(site: Site, proxy: FaultyServer, tmp_path: Path) -> Callable[..., Done]:
    """`behind(Trouble(...), ..., "plan", ...)`: the program, which reaches the cluster through the proxy alone."""
    config = kubeconfig(tmp_path / "kubeconfig", proxy.url)

    def run(*given: Trouble | str) -> Done:
        words = [word for word in given if isinstance(word, str)]
        with proxy.troubled(*(trouble for trouble in given if isinstance(trouble, Trouble))):
            done = site.run(*words, KUBECONFIG=config)
        assert "Internal error" not in done.err, done
        return done

    return run


@pytest.fixture
def plan(behind: Callable[..., Done]) -> Plan:
    """The plan as JSON, made through the proxy."""

    def make(*troubles: Trouble) -> dict[str, Any]:
        done = behind(*troubles, "plan", "--version", "5.3.0", "-o", "json")
        assert done.code in (0, 3), done
        return {**done.json, "seconds": done.seconds}

    return make


def verdicts(plan: dict[str, Any], answer: str) -> dict[str, str]:
    """check -> reason, of those with this answer."""
    return {row["check"]: row["reason"] for row in plan["checks"] if row["status"] == answer}


def status(code: int, reason: str, message: str) -> str:
    return json.dumps(
        {"kind": "Status", "status": "Failure", "message": message, "reason": reason, "code": code}
    )


FORBIDDEN = status(403, "Forbidden", 'secrets "x" is forbidden: User "eve" cannot patch resource "secrets"')
BUSY = status(429, "TooManyRequests", "slow down")
LOOKS = r"^GET .*/(pods|replicasets|deployments|services|nodes)"
ASK_THE_SERVER = {"server-rejects", "field-conflicts"}


class TestApiServer:
    def test_the_proxy_alone_changes_nothing(self, plan: Plan, proxy: FaultyServer) -> None:
        found = plan()
        assert not verdicts(found, "unknown")
        assert any("portforward" in request for request in proxy.seen), "the gateway was asked through it"

    @pytest.mark.parametrize(
        ("trouble", "words"),
        [
            (Trouble("^PATCH", status=403, body=FORBIDDEN), "cannot patch"),
            (Trouble("^PATCH", status=500, body="{}"), "HTTP 500"),
            (
                Trouble("^PATCH", status=502, body="<html>bad gateway</html>", content_type="text/html"),
                "HTTP 502",
            ),
            (Trouble("^PATCH", cut=True), "cut off"),
            (Trouble("^PATCH", status=429, retry_after=1, body=BUSY), "slow down"),
        ],
    )
    def test_a_dry_run_without_answer_is_unknown_and_the_rest_is_there(
        self, plan: Plan, trouble: Trouble, words: str
    ) -> None:
        found = plan(trouble)
        unknown = verdicts(found, "unknown")
        # Conflicts are asked for only where Helm applies on the server.
        asked = ASK_THE_SERVER - verdicts(found, "not-applicable").keys()
        assert "server-rejects" in asked
        assert unknown.keys() >= asked
        assert words in unknown["server-rejects"]
        assert not ASK_THE_SERVER & verdicts(found, "pass").keys()
        assert found["manifest"]["objects"], "the object diff needs no dry run"
        assert {"baseline-unhealthy", "images-present"} <= verdicts(found, "pass").keys()

    @pytest.mark.parametrize(
        ("trouble", "words"),
        [
            (Trouble(LOOKS, cut=True), "cut off"),
            (Trouble(LOOKS, status=503, body="<html></html>", content_type="text/html"), "HTTP 503"),
            (
                Trouble(LOOKS, status=200, body="<html>log in</html>", content_type="text/html"),
                "not understood",
            ),
        ],
    )
    def test_what_cannot_be_read_is_unknown(self, plan: Plan, trouble: Trouble, words: str) -> None:
        found = plan(trouble)
        unknown = verdicts(found, "unknown")
        assert {"baseline-unhealthy", "apis-in-emptydir", "go-plugins", "drift"} <= unknown.keys()
        assert words in unknown["baseline-unhealthy"]
        assert found["manifest"]["objects"]

    def test_rights_that_cannot_be_asked_for_are_unknown(self, plan: Plan) -> None:
        found = plan(Trouble("selfsubjectaccessreviews", status=500, body="{}"))
        assert "HTTP 500" in verdicts(found, "unknown")["permissions"]

    def test_a_server_that_is_busy_for_a_moment_is_asked_again(self, plan: Plan) -> None:
        # Helm asks for nothing again but what was throttled: the others come after its own first questions.
        found = plan(
            Trouble("secrets|version", status=429, retry_after=1, body=BUSY, times=2),
            Trouble("/replicasets|/nodes", status=503, body="<html></html>", times=2),
        )
        assert not verdicts(found, "unknown")

    def test_helm_that_is_cut_off_is_told(self, behind: Callable[..., Done], site: Site) -> None:
        done = behind(Trouble("openapi", cut=True), "plan", "--version", "5.3.0", "--out", "cut.json")
        assert (done.code, done.out) == (1, ""), done
        assert "cut off" in done.err
        assert "try again" in done.err
        assert not (site.folder / "cut.json").exists()

    @FULL
    def test_a_slow_server_takes_longer_and_not_for_ever(self, plan: Plan) -> None:
        """Each answer 2 s late. Helm puts about fifteen questions one after the other, we a few more."""
        found = plan(Trouble(delay=2.0))
        assert found["seconds"] < 75
        assert {"baseline-unhealthy", "permissions", "server-rejects"} <= {
            row["check"] for row in found["checks"]
        }

    @FULL
    def test_dry_runs_that_hang_are_given_up(self, plan: Plan) -> None:
        found = plan(Trouble("^PATCH", delay=25))
        assert found["seconds"] < 60
        assert "did not answer in time" in verdicts(found, "unknown")["server-rejects"]

    def test_an_upgrade_that_is_cut_off_before_its_first_step_changes_nothing(
        self, behind: Callable[..., Done], site: Site
    ) -> None:
        revision = site.release()["revision"]
        done = behind(Trouble("openapi", cut=True), "upgrade", "--yes", "--version", "5.3.0")
        assert done.code == 1, done
        assert site.release()["revision"] == revision
        assert not (site.state / "runs").exists()


@pytest.fixture
def faulty(world_catalogue: Catalogue, site: Site, tmp_path: Path) -> Callable[..., Done]:
    """`faulty("plan", ..., hub=[...], repo=[...])` with a cache that knows nothing yet."""

    def run(*words: str, hub: tuple[str, ...] = (), repo: tuple[str, ...] = ()) -> Done:
        world_catalogue.faults(hub=hub, repo=repo)
        try:
            return site.run(*words, "--out", "bad.json", **own_cache(tmp_path))
        finally:
            world_catalogue.faults()

    return run


@pytest.fixture
def world_catalogue(catalogue: Catalogue) -> Catalogue:
    return catalogue


class TestCatalogue:
    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ("500", "HTTP 500"),
            ("429", "HTTP 429"),
            pytest.param("drop", "no connection", marks=FULL),
            ("html", "text/html, not data"),
            ("truncated-json", "not valid JSON"),
            ("deep-json", "not valid JSON"),
            pytest.param("huge-numbers", "not valid JSON", marks=FULL),
            pytest.param("wrong-types", "names no chart and version", marks=FULL),
            ("terminal-escapes", "names no chart and version"),
            pytest.param("huge=100", "larger than 32 MiB", marks=FULL),
        ],
    )
    def test_a_hub_without_a_usable_answer(
        self, faulty: Callable[..., Done], site: Site, fault: str, words: str
    ) -> None:
        done = faulty("plan", hub=(fault,))
        self._is_refused(done, site, words)
        assert "--catalogue FILE" in done.err, "what works without it"

    @FULL
    def test_a_hub_that_hangs_is_given_up(self, faulty: Callable[..., Done], site: Site) -> None:
        done = faulty("plan", hub=("hang",))
        self._is_refused(done, site, "no answer in time")
        assert done.seconds < 60

    @pytest.mark.parametrize(
        ("fault", "words"),
        [
            ("tgz-404", "the chart or its version is not there"),
            ("wrong-digest", "Artifact Hub says"),
            ("zip-slip", "leaves the chart"),
            pytest.param("absolute-path", "is not relative", marks=FULL),
            ("symlink", "a link or a device"),
            ("bomb", "larger than 100 MiB unpacked"),
            pytest.param("truncated-tgz", "cut off", marks=FULL),
            pytest.param("not-gzip", "no chart archive", marks=FULL),
            pytest.param("huge=100", "larger than 20 MiB", marks=FULL),
            ("500", "chart repository does not answer"),
            ("html", "chart repository does not answer"),
        ],
    )
    def test_an_archive_that_cannot_be_trusted(
        self, faulty: Callable[..., Done], site: Site, fault: str, words: str, tmp_path: Path
    ) -> None:
        done = faulty("plan", "--version", "5.4.0", repo=(fault,))
        self._is_refused(done, site, words)
        assert not ESCAPED.exists()
        assert not list(tmp_path.rglob("*.tgz")), "nothing of it stays in the cache"

    def test_a_version_that_only_the_hub_has(self, faulty: Callable[..., Done], site: Site) -> None:
        done = faulty("plan", hub=("ghost-version",))
        self._is_refused(done, site, "99.0.0")
        assert "versions" in done.err

    def test_a_prerelease_is_not_the_newest(self, faulty: Callable[..., Done]) -> None:
        done = faulty("plan", "-o", "json", hub=("prerelease-latest",))
        assert done.code == 0, done
        assert done.json["chart"]["version"] == "5.4.0"
        assert "99.0.0-alpha.1" in done.out

    def test_without_the_old_chart_causes_are_open_and_nothing_passes_for_it(
        self, faulty: Callable[..., Done]
    ) -> None:
        done = faulty("plan", "--version", "5.3.0", repo=("tgz-404=4.0.0",))
        assert done.code == 0, done
        assert "chart tyk-oss 4.0.0 cannot be had" in done.out
        assert "~ Deployment gateway-tyk-tyk-gateway" in done.out
        assert "(new template)" not in done.out

    @staticmethod
    def _is_refused(done: Done, site: Site, words: str) -> None:
        assert (done.code, done.out) == (1, ""), done
        assert words in done.err
        assert "  -> " in done.err, "what to do next"
        assert "Internal error" not in done.err
        assert "\x1b" not in done.err
        assert not (site.folder / "bad.json").exists(), "half a plan"


class TestHelm:
    def test_a_template_that_fails_is_named_with_its_line(self, site: Site, tmp_path: Path) -> None:
        chart = broken_chart(tmp_path, "{{ .Values.gateway.nothing.deep }}")
        done = site.run("plan", "--chart", str(chart), "--out", "template.json")
        assert (done.code, done.out) == (1, ""), done
        assert "template tyk-oss/templates/broken.yaml line 2 fails" in done.err
        assert "nil pointer" in done.err
        assert not (site.folder / "template.json").exists()

    def test_a_template_that_gives_no_yaml(self, site: Site, tmp_path: Path) -> None:
        chart = broken_chart(tmp_path, "a: b: c")
        done = site.run("plan", "--chart", str(chart))
        assert (done.code, done.out) == (1, ""), done
        assert "tyk-oss/templates/broken.yaml" in done.err

    def test_noise_around_helms_answers_does_not_matter(self, site: Site, tmp_path: Path) -> None:
        noisy = tmp_path / "helm"
        noisy.write_text(
            "#!/bin/sh\n"
            "echo 'WARNING: Kubernetes configuration file is group-readable' >&2\n"
            "echo 'I1124 02:00:00.000000 1 warnings.go:70] policy/v1beta1 is deprecated' >&2\n"
            f'exec "{site.world.env["HELM_BIN"]}" "$@"\n'
        )
        noisy.chmod(0o755)
        quiet = site.run("plan", "--version", "5.3.0", "-o", "json")
        done = site.run("plan", "--version", "5.3.0", "-o", "json", HELM_BIN=str(noisy))
        assert (done.code, quiet.code) == (0, 0), done
        assert done.json["manifest"] == quiet.json["manifest"]


def broken_chart(folder: Path, line: str) -> Path:
    """A chart of this name whose second line of one template is `line`."""
    chart = folder / "tyk-oss"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: tyk-oss\nversion: 9.0.0\n")
    (chart / "values.yaml").write_text("gateway: {}\n")
    (chart / "templates" / "broken.yaml").write_text(f"# a template\n{line}\n")
    return chart
