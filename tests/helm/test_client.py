"""The client against real Helm binaries of both majors."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.edge.process import Completed, Processes
from helm_tyk_upgrade.errors import HelmError, NotFound, TykUpgradeError, UsageError
from helm_tyk_upgrade.helm.client import Helm, values_document
from helm_tyk_upgrade.helmyaml import manifests
from helm_tyk_upgrade.model.chart import ChartSource
from helm_tyk_upgrade.model.inputs import Layers, UpgradeFlags
from helm_tyk_upgrade.model.secrets import Masker
from testbed.catalogue import Catalogue as StandIn
from tests.helm.conftest import VALUES, MakeHelm, release

pytestmark = pytest.mark.helm


def test_version_is_that_of_the_binary(helm_with: MakeHelm, each_helm: Any) -> None:
    version = helm_with().version()
    assert str(version) == f"v{each_helm.version}"
    assert version.major == each_helm.major


def test_a_release_is_found_with_its_state(helm_with: MakeHelm) -> None:
    found = helm_with(release(), release("other")).release("tyk", "default")
    assert (found.revision, found.status) == (1, "deployed")
    assert (found.chart, found.chart_version) == ("tyk-oss", "4.0.0")


@pytest.mark.parametrize("question", ["release", "stored"])
def test_a_release_that_is_not_there_names_those_that_are(helm_with: MakeHelm, question: str) -> None:
    helm = helm_with(release("one"), release("two"))
    with pytest.raises(NotFound) as caught:
        getattr(helm, question)("tyk", "default")
    assert "default/tyk" in caught.value.message
    assert "one, two" in caught.value.hint


def test_releases_are_those_that_are_current(helm_with: MakeHelm) -> None:
    states = {
        "a": "deployed", "b": "failed", "c": "pending-upgrade", "d": "uninstalled", "e": "superseded",
    }  # fmt: skip
    helm = helm_with(
        *(release(name, info={"status": status, "last_deployed": "2026-01-01T00:00:00Z"})
          for name, status in states.items())
    )  # fmt: skip
    assert [item.name for item in helm.releases("default")] == ["a", "b", "c"]


def test_history_is_oldest_first(helm_with: MakeHelm) -> None:
    old = {"status": "superseded", "description": "Install complete", "last_deployed": "2026-01-01T00:00:00Z"}
    helm = helm_with(release(revision=2), release(revision=1, info=old))
    history = helm.history("tyk", "default")
    assert [(item.revision, item.status) for item in history] == [(1, "superseded"), (2, "deployed")]
    assert history[0].chart == "tyk-oss-4.0.0"


def test_stored_values_equal_what_helm_says(helm_with: MakeHelm) -> None:
    helm = helm_with(release())
    stored = helm.stored("tyk", "default")
    asked = helm._processes.run([helm.binary, "get", "values", "tyk", "-o", "json"])
    assert stored.values == json.loads(asked.stdout)
    assert stored.values == json.loads(json.dumps(VALUES)) | {
        "numbers": [0, -1, 1234567, 1000000, 0.1, 12345678901234568]
    }


def test_stored_parts_equal_what_helm_says(helm_with: MakeHelm) -> None:
    helm = helm_with(release())
    stored = helm.stored("tyk", "default")

    def say(part: str) -> str:
        return helm._processes.run([helm.binary, "get", part, "tyk"]).stdout.decode()

    assert objects(stored.manifest) == objects(say("manifest"))
    assert objects(stored.hooks) == objects(say("hooks")) == [{"kind": "Job"}]
    assert "# Source: tyk-oss/templates/h.yaml" in stored.hooks


def test_an_older_revision_can_be_read(helm_with: MakeHelm) -> None:
    helm = helm_with(release(revision=2, config={"a": 2}), release(revision=1, config={"a": 1}))
    assert helm.stored("tyk", "default", 1).values == {"a": 1}
    assert helm.stored("tyk", "default").values == {"a": 2}
    with pytest.raises(NotFound):
        helm.stored("tyk", "default", 7)


def test_a_release_without_user_values_has_none(helm_with: MakeHelm) -> None:
    assert helm_with(release(config=None)).stored("tyk", "default").values is None


def test_secrets_of_the_stored_values_are_known_to_the_masker(helm_with: MakeHelm) -> None:
    masker = Masker()
    helm_with(release(), masker=masker).stored("tyk", "default")
    assert "s3cr3t-canary" not in masker.text("x=s3cr3t-canary")


def test_the_apply_method_is_told_by_helm_4(helm_with: MakeHelm, each_helm: Any) -> None:
    helm = helm_with(release(apply_method="ssa"))
    expected = "server-side apply" if each_helm.major >= 4 else ""
    assert helm.stored("tyk", "default").release.apply_method == expected
    assert helm.release("tyk", "default").apply_method == expected


def objects(text: str) -> list[dict[str, Any]]:
    return [item.object for item in manifests(text)]


def test_layers_are_merged_in_order_by_stdin_pipes_and_files(
    helm_with: MakeHelm, charts_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "values.yaml"
    file.write_text("tyk-gateway: {gateway: {image: {tag: file}}}\n")
    archive = str(charts_folder / "tyk-oss-5.3.0.tgz")
    first, last = (
        b"tyk-gateway: {gateway: {replicaCount: 7, image: {tag: first}}}\n",
        b"tyk-gateway: {gateway: {image: {tag: last}}}",
    )
    for layers, tag in (
        (Layers((first, str(file))), "file"),
        (Layers((str(file), first)), "first"),
        (Layers((first, str(file), last)), "last"),
        (Layers((first, last, str(file)), (("--set-string", "tyk-gateway.gateway.image.tag=set"),)), "set"),
    ):
        text = helm_with().template("tyk", "default", archive, layers)
        assert f'tyk-gateway:{tag}"' in text or f"tyk-gateway:{tag}\n" in text
        deployment = next(item for item in objects(text) if item["kind"] == "Deployment")
        assert deployment["spec"]["replicas"] == 7


def test_a_large_document_goes_through_a_pipe(helm_with: MakeHelm, charts_folder: Path) -> None:
    large = values_document({"filler": "x" * 300_000, "tyk-gateway": {"gateway": {"replicaCount": 5}}})
    text = helm_with().template(
        "tyk", "default", str(charts_folder / "tyk-oss-5.3.0.tgz"), Layers((b"a: 1", large))
    )
    assert "replicas: 5" in text


def test_pipes_nobody_reads_are_let_go(helm_with: MakeHelm, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(HelmError):
        helm_with().template("tyk", "default", str(tmp_path / "none"), Layers((b"a: 1", b"b: 2", b"c: 3")))
    assert time.monotonic() - started < 5


def test_secrets_travel_neither_in_argv_nor_in_files(
    helm_with: MakeHelm, charts_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Helm's place is taken by a program that writes down its words and every file it can see under
    TMPDIR."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    spy = tmp_path / "spy"
    spy.write_text(
        "#!/bin/sh\n"
        f'echo "$@" > {tmp_path}/argv\n'
        f"find {scratch} -type f -exec cat {{}} + > {tmp_path}/files\n"
        f'for w in "$@"; do case $w in {scratch}/*) cat $w;; -) cat;; esac; done > {tmp_path}/read\n'
    )
    spy.chmod(0o755)
    Helm(Processes(dict(os.environ)), str(spy)).template(
        "tyk", "default", "chart", Layers((b"pass: canary-one", b"pass: canary-two"))
    )
    assert "canary" not in (tmp_path / "argv").read_text() + (tmp_path / "files").read_text()
    assert (tmp_path / "read").read_bytes().count(b"canary") == 2
    assert not list(scratch.iterdir())


def test_pull_show_values_repositories_and_search(
    helm_with: MakeHelm, charts_folder: Path, tmp_path: Path
) -> None:
    helm = helm_with()
    assert helm.repositories() == {}
    with StandIn(charts_folder) as stand_in:
        source = ChartSource("tyk-oss", "tyk-oss", stand_in.repo_url)
        path = helm.pull(source, "5.3.0", tmp_path)
        assert path.read_bytes() == (charts_folder / "tyk-oss-5.3.0.tgz").read_bytes()
        assert b"tyk-gateway:" in helm.show_values(str(path))
        with pytest.raises(HelmError, match=r"9\.9\.9") as caught:
            helm.pull(source, "9.9.9", tmp_path / "other")
        assert "helm tyk-upgrade versions" in caught.value.hint
        subprocess.run(
            [helm.binary, "repo", "add", "tyk", stand_in.repo_url], check=True, capture_output=True
        )
    assert list(helm.repositories()) == ["tyk"]
    assert [item.version for item in helm.search("tyk/tyk-oss")][:2] == ["5.4.0", "5.3.0"]
    assert helm.search("tyk/tyk") == ()


@pytest.mark.parametrize(
    ("chart", "layers", "cause"),
    [
        ("tyk-oss-5.3.0.tgz", Layers((b"a: [",)), "the values cannot be read"),
        ("no-such.tgz", Layers(), "the chart cannot be read"),
        ("failing", Layers(), "template failing/templates/x.yaml line 2 fails"),
        ("strict", Layers((b"replicas: many",)), "the values do not fit the chart's schema"),
    ],
)
def test_errors_name_cause_and_remedy(
    helm_with: MakeHelm, charts_folder: Path, tmp_path: Path, chart: str, layers: Layers, cause: str
) -> None:
    make_chart(tmp_path / "failing", 'a: 1\nb: {{ fail "no \\u001b[31m good" }}\n')
    make_chart(tmp_path / "strict", "a: 1\n")
    (tmp_path / "strict" / "values.schema.json").write_text(
        '{"type": "object", "properties": {"replicas": {"type": "integer"}}}'
    )
    path = charts_folder / chart if chart.endswith("5.3.0.tgz") else tmp_path / chart
    with pytest.raises(HelmError) as caught:
        helm_with().template("tyk", "default", str(path), layers)
    assert cause in caught.value.message
    assert caught.value.hint
    assert "\x1b" not in caught.value.message + caught.value.stderr


def make_chart(folder: Path, template: str) -> None:
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: {folder.name}\nversion: 1.0.0\n")
    (folder / "templates" / "x.yaml").write_text(template)


def test_a_secret_in_helms_words_is_masked(helm_with: MakeHelm, tmp_path: Path) -> None:
    make_chart(tmp_path / "leaky", '{{ fail (printf "bad value %s" .Values.apiSecret) }}\n')
    masker = Masker()
    masker.learn(["canary-in-template"])
    with pytest.raises(HelmError) as caught:
        helm_with(masker=masker).template(
            "tyk", "default", str(tmp_path / "leaky"), Layers((b"apiSecret: canary-in-template",))
        )
    assert "bad value secret:" in caught.value.message
    assert "canary-in-template" not in caught.value.message + caught.value.stderr


@pytest.mark.parametrize("verb", ["render", "upgrade", "release"])
def test_no_cluster_is_said_plainly(each_helm: Any, charts_folder: Path, verb: str) -> None:
    helm = Helm(Processes(dict(os.environ) | {"KUBECONFIG": "/dev/null"}), str(each_helm.path))
    chart = str(charts_folder / "tyk-oss-5.3.0.tgz")

    def upgrade() -> None:
        done = helm.upgrade("tyk", "default", chart, Layers((b"a: 1",)), UpgradeFlags()).wait(60)
        assert done is not None
        helm.upgraded(done, "default/tyk")

    ask: dict[str, Callable[[], object]] = {
        "render": lambda: helm.render("tyk", "default", chart, Layers()),
        "upgrade": upgrade,
        "release": lambda: helm.release("tyk", "default"),
    }
    with pytest.raises(HelmError) as caught:
        ask[verb]()
    assert "the cluster cannot be reached" in caught.value.message
    assert "KUBECONFIG" in caught.value.hint


def test_an_upgrade_reads_every_document_in_memory_after_the_call_returned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Helm's place is taken by a program that is slow to read its values."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    spy = tmp_path / "spy"
    spy.write_text(
        "#!/bin/sh\n"
        'if [ "$1" = version ]; then echo v4.3.1; exit; fi\n'
        "sleep 0.5\n"
        f'for w in "$@"; do case $w in {scratch}/*) cat $w;; -) cat;; esac; done\n'
    )
    spy.chmod(0o755)
    layers = Layers((b"kept: 1\n", b"given: 2\n", b"tag: 3\n"))
    child = Helm(Processes(dict(os.environ)), str(spy)).upgrade("tyk", "ns", "chart", layers, UpgradeFlags())
    done = child.wait(30)
    assert done is not None
    assert done.stdout == b"kept: 1\ngiven: 2\ntag: 3\n"
    deadline = time.monotonic() + 10
    while list(scratch.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not list(scratch.iterdir())


def test_flags_are_refused_before_anything_is_agreed_to(helm_with: MakeHelm, each_helm: Any) -> None:
    helm = helm_with()
    helm.check_flags(UpgradeFlags(wait="true", timeout="2m30s"))
    with pytest.raises(UsageError, match="no duration"):
        helm.check_flags(UpgradeFlags(timeout="five"))
    with pytest.raises(UsageError, match="server-side apply" if each_helm.major >= 4 else "needs Helm 4"):
        helm.check_flags(
            UpgradeFlags(force_conflicts=True), "client-side apply" if each_helm.major >= 4 else ""
        )


def test_a_release_that_vanishes_during_the_upgrade_is_a_failed_upgrade(helm_with: MakeHelm) -> None:
    done = Completed(("helm",), 1, b"", b"Error: UPGRADE FAILED: release: not found")
    with pytest.raises(HelmError, match="helm upgrade apis/tyk: release apis/tyk does not exist"):
        helm_with().upgraded(done, "apis/tyk")


def test_a_helm_that_is_not_there_or_too_old_is_said(tmp_path: Path) -> None:
    with pytest.raises(TykUpgradeError, match="helm cannot be started"):
        Helm(Processes({"PATH": str(tmp_path)}), "helm").version()
    old = tmp_path / "helm"
    old.write_text("#!/bin/sh\necho v3.12.3\n")
    old.chmod(0o755)
    with pytest.raises(TykUpgradeError, match=r"v3\.12\.3 is too old"):
        Helm(Processes({"PATH": "/bin"}), str(old)).version()
    old.write_text("#!/bin/sh\necho hello\n")
    with pytest.raises(HelmError, match="does not tell its version"):
        Helm(Processes({"PATH": "/bin"}), str(old)).version()


def test_rollback_goes_through_helm(helm_with: MakeHelm, each_helm: Any) -> None:
    helm = helm_with(
        release(revision=2, manifest=""), release(revision=1, manifest="", info={"status": "superseded"})
    )
    done = helm.rollback("tyk", "default", 1).wait(60)
    assert done is not None
    assert done.argv[1:5] == ("rollback", "tyk", "1", "--namespace")
    helm.succeeded(done, "rollback", "default/tyk")
