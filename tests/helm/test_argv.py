"""Words for Helm, by table; and that every flag is known to the Helm it is given to."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from typing import Any

import pytest

from helm_tyk_upgrade.errors import UsageError
from helm_tyk_upgrade.helm import argv
from helm_tyk_upgrade.model.chart import ChartSource
from helm_tyk_upgrade.model.inputs import Trust, UpgradeFlags
from helm_tyk_upgrade.model.release import ApplyMethod

ALL_FLAGS = UpgradeFlags(
    wait="true",
    wait_for_jobs=True,
    timeout="7m",
    history_max=0,
    description="why",
    labels="a=b",
    post_renderer="/bin/cat",
    post_renderer_args=("-u",),
    passed=("--skip-crds", "--cleanup-on-fail"),
)


def upgrade(flags: UpgradeFlags, major: int = 3, method: ApplyMethod = "") -> list[str]:
    return argv.upgrade("tyk", "prod", "x.tgz", ["-"], (), flags, major=major, apply_method=method)


def test_upgrade_always_resets_values_and_answers_in_json() -> None:
    assert upgrade(UpgradeFlags()) == [
        "upgrade", "tyk", "x.tgz", "--namespace", "prod", "--reset-values", "-o", "json", "--values", "-",
    ]  # fmt: skip


def test_every_flag_of_the_user_is_passed_on() -> None:
    words = upgrade(ALL_FLAGS)
    for given in (
        "--wait", "--wait-for-jobs", "--timeout 7m", "--history-max 0", "--description why", "--labels a=b",
        "--post-renderer /bin/cat", "--post-renderer-args -u", "--skip-crds", "--cleanup-on-fail",
    ):  # fmt: skip
        assert f" {given} " in f" {' '.join(words)} "


def test_the_dry_run_is_the_same_upgrade_without_waiting() -> None:
    words = argv.render("tyk", "prod", "x.tgz", ["-"], (), ALL_FLAGS)
    assert words[-1] == "--dry-run=server"
    assert "--wait" not in words
    assert "--timeout" not in words
    assert "/bin/cat" in words


def test_documents_and_sets_keep_their_order() -> None:
    words = argv.render("t", "n", "c", ["a.yaml", "-", "b.yaml"], [("--set", "x=1"), ("--set-json", "y=2")])
    text = " ".join(words)
    assert "--values a.yaml --values - --values b.yaml --set x=1 --set-json y=2" in text


def test_a_flag_that_sets_no_values_is_refused_among_the_sets() -> None:
    with pytest.raises(UsageError, match="--wait"):
        argv.render("t", "n", "c", [], [("--wait", "true")])


@pytest.mark.parametrize(
    ("flags", "major", "method", "words"),
    [
        (UpgradeFlags(passed=("--install",)), 3, "", "--install"),
        (UpgradeFlags(passed=("--reuse-values",)), 4, "", "--reuse-values"),
        (UpgradeFlags(passed=("--reset-then-reuse-values=true",)), 4, "", "--reset-then-reuse-values"),
        (UpgradeFlags(force_conflicts=True), 3, "", "needs Helm 4"),
        (UpgradeFlags(wait="watcher"), 3, "", "needs Helm 4"),
        (UpgradeFlags(wait="patience"), 4, "", "no such strategy"),
        (UpgradeFlags(timeout="5 minutes"), 3, "", "no duration"),
        (UpgradeFlags(force_conflicts=True), 4, "client-side apply", "client-side"),
        (UpgradeFlags(force_conflicts=True, passed=("--server-side=false",)), 4, "server-side apply",
         "client-side"),
        (UpgradeFlags(passed=("--force-replace",)), 4, "server-side apply", "force-replaced"),
        (UpgradeFlags(passed=("--force",)), 4, "server-side apply", "force-replaced"),
    ],
)  # fmt: skip
def test_what_cannot_be_honoured_is_refused_before_anything_runs(
    flags: UpgradeFlags, major: int, method: ApplyMethod, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        upgrade(flags, major, method)


@pytest.mark.parametrize(
    ("flags", "major", "method", "expected"),
    [
        (UpgradeFlags(force_conflicts=True), 4, "server-side apply", "--force-conflicts"),
        (UpgradeFlags(force_conflicts=True, passed=("--server-side=true",)), 4, "client-side apply",
         "--force-conflicts"),
        (UpgradeFlags(wait="watcher"), 4, "", "--wait=watcher"),
        (UpgradeFlags(passed=("--force",)), 3, "", "--force"),
        (UpgradeFlags(wait="true"), 4, "", "--wait"),
    ],
)  # fmt: skip
def test_what_can_be_honoured_is_passed(
    flags: UpgradeFlags, major: int, method: ApplyMethod, expected: str
) -> None:
    assert expected in upgrade(flags, major, method)


def test_a_template_leaves_out_what_only_an_upgrade_knows() -> None:
    flags = UpgradeFlags(passed=("--take-ownership", "--server-side=true", "--skip-crds"))
    words = argv.template("t", "n", "c", [], kube_version="1.34", api_versions=["a/v1"], flags=flags)
    assert "--take-ownership" not in words
    assert "--server-side=true" not in words
    assert words[-1] == "--skip-crds"
    assert " ".join(words).count("--kube-version 1.34 --api-versions a/v1") == 1


@pytest.mark.parametrize(
    ("source", "version", "trust", "expected"),
    [
        (ChartSource("c", "c", "https://r.example"), "1.0.0", Trust(),
         "pull c --repo https://r.example --version 1.0.0 --destination d"),
        (ChartSource("c", "repo/c"), "", Trust(ca_file="ca", verify=True, keyring="k", devel=True),
         "pull repo/c --destination d --ca-file ca --verify --keyring k --devel"),
    ],
)  # fmt: skip
def test_pull(source: ChartSource, version: str, trust: Trust, expected: str) -> None:
    assert " ".join(argv.pull(source, version, "d", trust)) == expected


@pytest.mark.helm
def test_helm_knows_every_flag_it_is_given(each_helm: Any) -> None:
    major: int = each_helm.major
    # Helm 4 takes a plugin's name for --post-renderer, and looks for it at once.
    every = replace(ALL_FLAGS, post_renderer="", post_renderer_args=()) if major >= 4 else ALL_FLAGS
    newer = UpgradeFlags(force_conflicts=True, wait="watcher") if major >= 4 else UpgradeFlags()
    method: ApplyMethod = "server-side apply" if major >= 4 else ""
    commands = [
        upgrade(every, major),
        upgrade(newer, major, method),
        argv.render("t", "n", "c", ["-"], [(flag, "a=1") for flag in argv.SET_FLAGS], every),
        argv.template("t", "n", "c", ["-"], kube_version="1.34", api_versions=["a/v1"], flags=every),
        argv.list_releases(None),
        argv.metadata("t", "n", 1),
        argv.history("t", "n"),
        argv.stored("t", "n", "{{.}}", 1),
        argv.rollback("t", "n", 1, UpgradeFlags(wait="true", timeout="1m", history_max=3)),
        argv.test("t", "n", "1m"),
        argv.pull(ChartSource("c", "c", "https://r.example"), "1.0.0", "d", Trust("ca", True, "k", True)),
        argv.search("a/b"),
        argv.repositories(),
        argv.show_values("c"),
    ]
    for words in commands:
        done = subprocess.run(
            [each_helm.path, *words, "--help"], capture_output=True, text=True, check=False, input=""
        )
        assert done.returncode == 0, (words, done.stderr)
        assert "unknown" not in done.stderr
