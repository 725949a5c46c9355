"""The command on real charts: what it says of each override, what it proposes, what it writes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from helm_tyk_upgrade.helmyaml import read
from tests.values_verb.conftest import Values

pytestmark = pytest.mark.helm
CANARIES = ("canary-api-secret", "canary-redis-pass", "canary-env-value", "canary-in-comment")
FILE = """\
# kept by the platform team
global:
  redis:
    addrs: [redis:6379]
    pass: canary-redis-pass
    sslMinVersion: "1.2"   # an old name
  secrets:
    APISecret: canary-api-secret   # was: canary-in-comment
  servicePorts:
    gateway: 8080
  mongo:
    host: nowhere
tyk-gateway:
  gateway:
    replicaCuont: 3
    image:
      tag: 5.10
    service:
      type: NodePort
    tls:
      useDefaultTykCertificate: false
    extraEnvs:
      - name: TYK_GW_SECRET
        value: canary-env-value
"""


@pytest.fixture
def file(folder: Path) -> Path:
    path = folder / "values.yaml"
    path.write_text(FILE)
    return path


def report(values: Values, *argv: str) -> dict[str, Any]:
    found = values(*argv, "-o", "json")
    assert found.code == 0, found.err
    data = json.loads(found.out)
    assert isinstance(data, dict)
    return data


def judged(data: dict[str, Any]) -> dict[str, str]:
    return {each["path"]: each["judgement"] for each in data["overrides"]}


def test_each_override_has_a_verdict_four_values_and_its_line(values: Values, file: Path) -> None:
    data = report(values, "--from", "1.3.0", "--to", "5.3.0")
    assert judged(data) == {
        "global.redis.addrs": "kept",
        "global.redis.pass": "kept",
        "global.redis.sslMinVersion": "renamed",
        "global.secrets.APISecret": "kept",
        "global.servicePorts.gateway": "redundant",
        "global.mongo.host": "dead",
        "tyk-gateway.gateway.replicaCuont": "renamed",
        "tyk-gateway.gateway.image.tag": "stale pin",
        "tyk-gateway.gateway.service.type": "kept",
        "tyk-gateway.gateway.tls.useDefaultTykCertificate": "renamed",
        "tyk-gateway.gateway.extraEnvs": "kept",
    }
    tag = next(each for each in data["overrides"] if each["path"].endswith("image.tag"))
    assert (tag["oldDefault"], tag["newDefault"]) == ({"value": "v5.3.0"}, {"value": "v5.9.1"})
    assert (tag["yours"], tag["effective"]) == (5.1, {"value": 5.1})
    assert (tag["file"], tag["line"]) == ("values.yaml", 17)


def test_new_defaults_come_with_the_charts_own_words(values: Values, file: Path) -> None:
    found = {each["path"]: each for each in report(values, "--from", "1.6.0", "--to", "2.0.0")["newDefaults"]}
    strict = found["tyk-gateway.gateway.enableStrictRoutes"]
    assert (strict["new"], "old" in strict) == (True, False)
    assert strict["comment"] == "/api no longer matches /apiary."
    assert "tyk-gateway.global.redis.maxIdle" not in found


def test_a_subcharts_own_global_that_the_umbrella_overrides_is_no_news(values: Values, file: Path) -> None:
    paths = {each["path"] for each in report(values, "--from", "4.0.0", "--to", "5.0.0")["newDefaults"]}
    assert "global.redis.maxIdle" in paths
    assert "tyk-gateway.global.redis.maxIdle" not in paths


def test_without_versions_it_says_which_it_took_and_why(values: Values, file: Path) -> None:
    data = report(values)
    assert data["to"]["version"] == "5.4.0"
    assert data["from"]["version"] == "5.3.0"
    assert "--from names the one that runs" in data["from"]["reason"]


@pytest.mark.parametrize(
    ("argv", "said", "hint"),
    [
        (["--to", "5.2.9"], "has no version 5.2.9", "nearest: 5.1.1, 5.3.0"),
        (["--from", "0.9.9"], "has no version 0.9.9", "newest: 5.4.0"),
        (["--from", "next"], "--from next is no chart version", "helm list"),
        (["--to", "banana"], "--to banana: ", "give a version (5.3.0) or a range"),
        (["--chart", "tyk-nothing"], "tyk-nothing", ""),
        (["--out", "x.yaml"], "--out is for --translate", ""),
        (["--yes"], "--yes answers the questions of --write", ""),
        (["--translate", "--write"], "in place", "docs/tyk-headless.md"),
    ],
)
def test_what_cannot_be_asked_for(values: Values, file: Path, argv: list[str], said: str, hint: str) -> None:
    found = values(*argv)
    assert found.code == 1
    assert said in found.flat
    assert hint in found.flat
    assert file.read_text() == FILE


def test_charts_on_disk_need_no_catalogue(values: Values, file: Path, charts: Path) -> None:
    old, new = str(charts / "tyk-oss-1.3.0.tgz"), str(charts / "tyk-oss-5.3.0.tgz")
    nobody = {"TYK_UPGRADE_CATALOGUE": "http://127.0.0.1:9"}
    found = values("--from", old, "--chart", new, "-o", "json", **nobody)
    assert found.code == 0, found.err
    assert judged(json.loads(found.out))["global.mongo.host"] == "dead"
    refused = values("--chart", new, **nobody)
    assert refused.code == 1
    assert "--from is needed" in refused.err


def test_dead_needs_both_proofs(values: Values, folder: Path) -> None:
    """Free maps and whole-map uses are read; dead is only what no template can read."""
    (folder / "values.yaml").write_text(
        "tyk-gateway:\n  gateway:\n    podAnnotations: {any: thing}\n    resources: {limits: {odd: 1}}\n"
        "    nothing: 1\nstray: {a: 1, b: 2}\n"
    )
    found = judged(report(values, "--from", "5.1.1", "--to", "5.3.0"))
    assert found["tyk-gateway.gateway.podAnnotations.any"] == "kept"
    assert found["tyk-gateway.gateway.resources.limits.odd"] == "kept"
    assert [found[key] for key in ("tyk-gateway.gateway.nothing", "stray.a", "stray.b")] == ["dead"] * 3


def test_warnings_name_file_and_line_and_never_the_secret(values: Values, file: Path) -> None:
    data = report(values, "--from", "1.3.0", "--to", "5.3.0")
    assert [(each["line"], each["kind"]) for each in data["warnings"]] == [
        (5, "plain-secret"),
        (8, "plain-secret"),
        (17, "number-as-version"),
        (24, "plain-secret"),
    ]


@pytest.mark.parametrize("output", ["text", "json", "markdown", "diff"])
def test_no_secret_in_any_output(values: Values, file: Path, output: str) -> None:
    found = values("--from", "1.3.0", "--to", "5.3.0", "-o", output)
    assert found.code == 0
    assert found.out
    for canary in CANARIES[:3]:
        assert canary not in found.out + found.err


def test_no_secret_when_edits_are_written(values: Values, file: Path) -> None:
    found = values("--from", "1.3.0", "--to", "5.3.0", "--write", answers="a\n")
    assert found.code == 0
    for canary in CANARIES[:3]:
        assert canary not in found.out + found.err
        assert canary in file.read_text()


def test_the_table_fits_80_columns_and_has_no_colour(values: Values, file: Path) -> None:
    lines = values("--from", "1.3.0", "--to", "5.3.0").out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not any("\x1b" in line for line in lines)


def test_yes_writes_the_safe_edits_and_nothing_else(values: Values, file: Path) -> None:
    found = values("--from", "1.3.0", "--to", "5.3.0", "--write", "--yes")
    assert found.code == 0, found.err
    after = file.read_text()
    kept = [line for line in FILE.splitlines() if "sslMin" not in line and "mongo" not in line]
    kept = [line for line in kept if "nowhere" not in line]
    assert [line for line in after.splitlines() if "tlsMin" not in line] == kept
    data = read(after.encode(), 3)
    assert data["global"]["redis"]["tlsMinVersion"] == "1.2"  # type: ignore[call-overload,index]
    assert "mongo" not in data["global"]  # type: ignore[operator]
    assert "-    sslMinVersion" in found.out
    assert "+    tlsMinVersion" in found.out
    assert judged(report(values, "--from", "1.3.0", "--to", "5.3.0"))["global.redis.tlsMinVersion"] == "kept"


def test_a_rename_that_would_switch_a_value_on_is_not_safe(values: Values, file: Path) -> None:
    """The running chart ignores the old name already: --yes leaves it alone."""
    proposals = report(values, "--from", "1.3.0", "--to", "5.3.0")["proposals"]
    safe = {each["path"]: (each["safe"], each["risk"]) for each in proposals}
    assert safe["global.redis.sslMinVersion"] == (True, "none")
    assert safe["tyk-gateway.gateway.tls.useDefaultTykCertificate"] == (False, "review")
    assert safe["tyk-gateway.gateway.replicaCuont"] == (False, "review")


def test_behaviour_is_kept_only_when_asked(values: Values, file: Path) -> None:
    assert values("--from", "1.6.0", "--to", "5.3.0", "--write", "--yes").code == 0
    assert "enableStrictRoutes" not in file.read_text()
    assert values("--from", "1.6.0", "--to", "5.3.0", "--write", "--yes", "--keep-behaviour").code == 0
    gateway: Any = read(file.read_bytes(), 3)["tyk-gateway"]["gateway"]  # type: ignore[call-overload,index]
    assert (gateway["enableStrictRoutes"], gateway["enablePathPrefixMatching"]) == (False, False)
    assert gateway["httpsServerOptions"] == {"xffDepth": "0"}
    assert [each["name"] for each in gateway["extraEnvs"]] == ["TYK_GW_SECRET"]


def test_what_is_kept_is_what_the_old_chart_rendered(
    values: Values, file: Path, charts: Path, helm_bin: Path
) -> None:
    """Rendered by Helm: the gateway's environment before, and after with the edits."""
    file.write_text("global: {secrets: {APISecret: x}}\n")
    assert values("--from", "1.6.0", "--to", "5.3.0", "--write", "--yes", "--keep-behaviour").code == 0
    after = environment(helm_bin, charts / "tyk-oss-5.3.0.tgz", file)
    prefix = "TYK_GW_HTTPSERVEROPTIONS_"
    assert after[f"{prefix}XFFDEPTH"] == "0"
    assert after[f"{prefix}ENABLEPATHPREFIXMATCHING"] == "false"
    names = variables(helm_bin, charts / "tyk-oss-5.3.0.tgz", file)
    assert names.count(f"{prefix}XFFDEPTH") == 1, "server-side apply refuses a name that is given twice"


def variables(helm_bin: Path, chart: Path, file: Path) -> list[str]:
    command = [str(helm_bin), "template", "tyk", str(chart), "-f", str(file)]
    text = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ)).stdout
    return [line.split("name: ", 1)[1].strip() for line in text.splitlines() if "- name: " in line]


def environment(helm_bin: Path, chart: Path, file: Path) -> dict[str, str]:
    """The last value of each variable of the gateway: what the kubelet sets."""
    command = [str(helm_bin), "template", "tyk", str(chart), "-f", str(file)]
    text = subprocess.run(command, capture_output=True, text=True, check=True, env=dict(os.environ)).stdout
    lines = [line.strip() for line in text.splitlines()]
    found = {}
    for name, value in zip(lines, lines[1:]):  # noqa: B905 - the last line has no next
        if name.startswith("- name: ") and value.startswith("value: "):
            found[name.removeprefix("- name: ").strip('"')] = value.removeprefix("value: ").strip('"')
    return found


def test_on_a_terminal_each_edit_is_asked_for(values: Values, file: Path) -> None:
    found = values("--from", "1.3.0", "--to", "5.3.0", "--write", answers="n\ny\nq\n")
    assert found.code == 0
    assert "take it? (1 of 6)" in found.err
    after = file.read_text()
    assert "sslMinVersion" in after
    assert "mongo" in after
    assert read(file.read_bytes(), 3)["global"]["tls"] == {"useDefaultTykCertificate": False}  # type: ignore[call-overload,index]


def test_end_of_input_takes_nothing(values: Values, file: Path) -> None:
    found = values("--from", "1.3.0", "--to", "5.3.0", "--write", answers="")
    assert found.code == 0
    assert "Nothing was written." in found.out
    assert file.read_text() == FILE


@pytest.mark.parametrize("ci", ["", "true"])
def test_without_a_terminal_write_needs_yes(values: Values, file: Path, ci: str) -> None:
    found = values("--from", "1.3.0", "--to", "5.3.0", "--write", **({"CI": ci} if ci else {}))
    assert found.code == 1
    assert "--yes" in found.err
    assert file.read_text() == FILE


def test_in_ci_write_with_yes_is_explicit_enough(values: Values, file: Path) -> None:
    assert values("--from", "1.3.0", "--to", "5.3.0", "--write", "--yes", CI="true").code == 0
    assert file.read_text() != FILE


def test_diff_shows_the_safe_edits_and_writes_nothing(values: Values, file: Path) -> None:
    found = values("--from", "1.3.0", "--to", "5.3.0", "-o", "diff")
    assert found.out.startswith("--- a/values.yaml\n+++ b/values.yaml\n")
    assert file.read_text() == FILE


def test_redundant_values_go_only_when_asked(values: Values, file: Path) -> None:
    assert "gateway: 8080" not in values("--to", "5.3.0", "-o", "diff").out.replace("  gateway: 8080", "")
    found = values("--to", "5.3.0", "--from", "1.3.0", "--write", "--yes", "--remove-redundant")
    assert found.code == 0
    assert "gateway: 8080" not in file.read_text()
    assert "servicePorts" not in file.read_text()


def test_several_files_are_edited_where_the_key_stands(values: Values, folder: Path) -> None:
    (folder / "base.yaml").write_text("global:\n  redis:\n    sslMinVersion: '1.1'\n    addrs: [a:1]\n")
    (folder / "prod.yaml").write_text("global:\n  redis:\n    sslMinVersion: '1.2'\n")
    found = values("base.yaml", "prod.yaml", "--from", "1.3.0", "--to", "5.3.0", "--write", "--yes")
    assert found.code == 0, found.err
    assert "tlsMinVersion: '1.1'" in (folder / "base.yaml").read_text()
    assert (folder / "prod.yaml").read_text() == "global:\n  redis:\n    tlsMinVersion: '1.2'\n"


def test_a_key_given_by_a_flag_is_left_to_the_user(values: Values, file: Path) -> None:
    data = report(values, "--from", "1.3.0", "--to", "5.3.0", "--set", "global.redis.sslMinVersion=1.3")
    rename = next(each for each in data["proposals"] if each["path"] == "global.redis.sslMinVersion")
    assert rename["edits"] == []
    assert "change the flag" in rename["byHand"]


def test_a_file_that_changed_meanwhile_is_not_written(
    values: Values, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from helm_tyk_upgrade.verbs import accept

    real = accept.without_asking

    def meanwhile(*args: Any) -> Any:
        file.write_text(FILE + "# somebody else\n")
        return real(*args)

    monkeypatch.setattr(accept, "without_asking", meanwhile)
    found = values("--from", "1.3.0", "--to", "5.3.0", "--write", "--yes")
    assert found.code == 1
    assert "changed since it was read" in found.err
    assert file.read_text() == FILE + "# somebody else\n"


def test_mode_and_symlink_of_the_file_stay(values: Values, file: Path) -> None:
    real = file.rename(file.with_name("real.yaml"))
    real.chmod(0o640)
    file.symlink_to("real.yaml")
    assert values("--from", "1.3.0", "--to", "5.3.0", "--write", "--yes").code == 0
    assert file.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert "tlsMinVersion" in real.read_text()


def test_a_sops_file_is_neither_judged_nor_edited(values: Values, folder: Path) -> None:
    text = "global:\n  redis:\n    sslMinVersion: ENC[AES256_GCM,data:abc]\nsops:\n  version: 3.8.1\n"
    (folder / "values.yaml").write_text(text)
    data = report(values, "--from", "1.3.0", "--to", "5.3.0")
    assert set(judged(data).values()) == {"unknown"}
    assert values("--from", "1.3.0", "--to", "5.3.0", "--write", "--yes").code == 0
    assert (folder / "values.yaml").read_text() == text


def test_values_of_tyk_headless_are_not_edited(values: Values, folder: Path) -> None:
    text = "redis: {addrs: [a:1]}\nsecrets: {APISecret: x}\ngateway: {replicaCount: 2}\n"
    (folder / "values.yaml").write_text(text)
    found = values("--write", "--yes")
    assert found.code == 1
    assert "--translate" in found.err
    assert (folder / "values.yaml").read_text() == text


def test_standard_input_is_judged(values: Values, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    from helm_tyk_upgrade import cli
    from helm_tyk_upgrade.context import Streams

    stdin = io.TextIOWrapper(io.BytesIO(b"stray: 1\n"))
    streams = Streams(stdin, io.StringIO(), io.StringIO())
    # the fixture has prepared the environment; only the streams differ
    monkeypatch.setattr("tests.values_verb.conftest.Streams", lambda *_: streams)
    assert cli.main is not None
    found = values("-", "--from", "5.1.1", "--to", "5.3.0")
    assert found.code == 0, found.err
    assert "standard input" in found.out
    assert "stray" in found.out
