"""scripts/testbed without a cluster: its arguments, its choice, its messages, what it leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.testbed.conftest import Run

ANSWERS = 'case "$*" in *readyz*) exit 0 ;; esac'
Programs = Callable[..., Path]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "unknown command ''"),
        (["frob"], "unknown command 'frob'"),
        (["up", "--kubeconfig"], "--kubeconfig needs a file"),
        (["up", "now"], "up: unknown argument 'now'"),
        (["down", "--all"], "down: unknown argument '--all'"),
        (["status", "x"], "status takes no arguments"),
        (["load"], "load needs an image archive"),
        (["helm"], "helm needs one version"),
        (["exec", "--"], "exec needs a command"),
        (["registry", "ok", "now"], "registry takes one mode"),
        (["redis", "restart", "ns"], "redis: give up, down, stop or start"),
        (["redis", "up"], "redis up needs a namespace"),
    ],
)
def test_wrong_arguments_are_a_usage_error(testbed: Run, args: list[str], message: str) -> None:
    done = testbed(*args)
    assert done.returncode == 2
    assert message in done.stderr
    assert "usage: scripts/testbed" in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    "args", [["load", "x.tar"], ["exec", "--", "ls"], ["registry"], ["redis", "stop", "ns"]]
)
def test_without_a_cluster_the_message_says_how_to_start_one(testbed: Run, args: list[str]) -> None:
    done = testbed(*args)
    assert done.returncode == 1
    assert "no cluster is running" in done.stderr
    assert "run scripts/testbed up" in done.stderr


def test_status_of_nothing_is_3(testbed: Run) -> None:
    done = testbed("status")
    assert done.returncode == 3
    assert "not running" in done.stderr


def test_down_of_nothing_is_fine_and_leaves_nothing(testbed: Run, state: Path) -> None:
    assert testbed("down").returncode == 0
    assert not state.exists()


def test_down_keeps_the_files_of_others(testbed: Run, state: Path, tmp_path: Path) -> None:
    state.mkdir(parents=True)
    (state / "notes").write_text("mine")
    cache = tmp_path / "a cache"
    (cache / "images").mkdir(parents=True)
    (cache / "precious").mkdir()
    assert testbed("down", "--cache").returncode == 0
    assert (state / "notes").read_text() == "mine"
    assert [path.name for path in cache.iterdir()] == ["precious"]


def test_a_kubeconfig_that_is_not_there_is_an_error(testbed: Run, tmp_path: Path) -> None:
    done = testbed("up", TYK_UPGRADE_TEST_KUBECONFIG=str(tmp_path / "none"))
    assert done.returncode == 1
    assert f"there is no kubeconfig {tmp_path / 'none'}" in done.stderr


def remember(state: Path, kind: str, kubeconfig: str, cache: str = "/cache") -> None:
    state.mkdir(parents=True)
    (state / "cluster").write_text(f"{kind}\n{kubeconfig}\n{cache}\n")


def choose(shell: Run, wanted: str, path: Path) -> str:
    """The kind and kubeconfig that are chosen, with this kubectl in place of the downloaded one."""
    code = f"kubectl_program() {{ echo kubectl; }}; choose_cluster '{wanted}'; echo \"$kind $kubeconfig\""
    done = shell(code, path=path)
    return done.stdout.strip() or done.stderr


def test_a_named_cluster_that_answers_is_used_whatever_else_there_is(
    shell: Run, program: Programs, tmp_path: Path
) -> None:
    named = tmp_path / "config"
    named.touch()
    program("docker")
    program("kind")
    assert choose(shell, str(named), program("kubectl", ANSWERS)) == f"foreign {named}"


def test_a_named_cluster_that_does_not_answer_is_never_replaced_by_another(
    shell: Run, program: Programs, tmp_path: Path
) -> None:
    named = tmp_path / "config"
    named.touch()
    program("docker")
    program("kind")
    assert "does not answer" in choose(shell, str(named), program("kubectl", "exit 1"))


@pytest.mark.parametrize(
    ("programs", "kind"),
    [(["minikube", "kind"], "kind"), (["minikube", "k3d"], "k3d"), (["minikube"], "minikube")],
)
def test_docker_is_used_with_the_first_program_there_is(
    shell: Run, program: Programs, state: Path, programs: list[str], kind: str
) -> None:
    path = program("docker")
    for name in programs:
        program(name)
    assert choose(shell, "", path) == f"{kind} {state}/kubeconfig"


def test_without_an_engine_the_own_cluster_is_used(shell: Run, program: Programs, state: Path) -> None:
    program("kind")
    assert choose(shell, "", program("docker", "exit 1")) == f"own {state}/node/kubeconfig"


def test_a_running_cluster_is_kept_also_when_docker_came_later(
    shell: Run, program: Programs, state: Path
) -> None:
    remember(state, "own", "/x/kubeconfig")
    program("kind")
    assert choose(shell, "", program("docker")) == "own /x/kubeconfig"


def test_our_own_cluster_is_not_forgotten_for_a_named_one(
    shell: Run, program: Programs, state: Path, tmp_path: Path
) -> None:
    remember(state, "own", "/x/kubeconfig")
    named = tmp_path / "config"
    named.touch()
    assert "run scripts/testbed down first" in choose(shell, str(named), program("kubectl", ANSWERS))


def test_naming_the_kubeconfig_of_our_own_cluster_keeps_it_ours(
    shell: Run, program: Programs, state: Path
) -> None:
    remember(state, "own", "/x/kubeconfig")
    assert choose(shell, "/x/kubeconfig", program("kubectl", ANSWERS)) == "own /x/kubeconfig"


def test_the_cache_of_the_running_cluster_outlives_home(shell: Run, state: Path) -> None:
    remember(state, "own", "/x/kubeconfig", cache="/where it was")
    assert shell("cache_folder", TYK_UPGRADE_CACHE="", HOME="/nowhere").stdout == "/where it was\n"


@pytest.mark.parametrize(
    ("kind", "started", "stopped"),
    [
        ("kind", "create cluster --name tyk-upgrade-test", "delete cluster --name tyk-upgrade-test"),
        ("k3d", "cluster create tyk-upgrade-test", "cluster delete tyk-upgrade-test"),
        ("minikube", "start --profile tyk-upgrade-test", "delete --profile tyk-upgrade-test"),
    ],
)
def test_docker_clusters_are_started_and_stopped_by_our_name_only(
    shell: Run, program: Programs, state: Path, kind: str, started: str, stopped: str
) -> None:
    missing = 'case "$*" in "cluster get "*) exit 1 ;; esac'
    path = program(kind, missing)
    state.mkdir(parents=True)
    done = shell(f"kind={kind} kubeconfig='{state}/kubeconfig'; {kind}_start; {kind}_stop", path=path)
    assert done.returncode == 0, done.stderr
    calls = (path / f"{kind}.log").read_text().splitlines()
    assert any(call.startswith(started) for call in calls)
    assert calls[-1].startswith(stopped)


@pytest.mark.parametrize(
    ("kind", "call"),
    [
        ("kind", "load image-archive --name tyk-upgrade-test {tar}"),
        ("k3d", "image import --cluster tyk-upgrade-test {tar}"),
        ("minikube", "--profile tyk-upgrade-test image load {tar}"),
    ],
)
def test_images_are_loaded_by_the_clusters_own_program(
    testbed: Run, program: Programs, state: Path, tmp_path: Path, kind: str, call: str
) -> None:
    remember(state, kind, "/x/kubeconfig")
    archive = tmp_path / "an image.tar"
    archive.touch()
    path = program(kind)
    done = testbed("load", str(archive), PATH=f"{path}:/usr/bin:/bin")
    assert done.returncode == 0, done.stderr
    assert (path / f"{kind}.log").read_text().strip() == call.format(tar=archive)


def test_images_of_a_cluster_of_yours_are_left_to_you(testbed: Run, state: Path, tmp_path: Path) -> None:
    remember(state, "foreign", "/x/kubeconfig")
    archive = tmp_path / "image.tar"
    archive.touch()
    done = testbed("load", str(archive))
    assert done.returncode == 1
    assert "ctr -n k8s.io images import" in done.stderr
    assert testbed("load", str(tmp_path / "none.tar")).returncode == 1


@pytest.mark.parametrize("args", [["exec", "--", "ls"], ["registry", "down"]])
def test_the_inside_of_other_clusters_is_out_of_reach(testbed: Run, state: Path, args: list[str]) -> None:
    remember(state, "kind", "/x/kubeconfig")
    done = testbed(*args)
    assert done.returncode == 1
    assert f"{args[0]} works in the own test bed only; this cluster is of kind 'kind'" in done.stderr


def test_an_archive_is_loaded_once_into_the_same_cluster(shell: Run, state: Path, tmp_path: Path) -> None:
    state.mkdir(parents=True)
    code = """
        load_archives() { for each in "$@"; do echo "loaded $(basename "$each")"; done; }
        kube() { echo "$uid"; }
        uid=one; forget_other_clusters; load_new $'/c/a.tar\\n/c/b.tar'
        uid=one; forget_other_clusters; load_new $'/c/a.tar\\n/c/c.tar'
        uid=two; forget_other_clusters; load_new $'/c/a.tar'
    """
    done = shell(code)
    assert done.stdout.split("loaded ")[1:] == ["a.tar\n", "b.tar\n", "c.tar\n", "a.tar\n"], done.stderr


@pytest.mark.parametrize("password", ["", "plain", 'q"uo\\te $x', "with space"])
def test_redis_configuration_quotes_the_password(shell: Run, password: str) -> None:
    code = 'redis_secret "$WORD" | sed -n \'s/.*redis.conf: "\\(.*\\)".*/\\1/p\' | base64 -d'
    lines = shell(code, WORD=password).stdout.splitlines()
    escaped = password.replace("\\", "\\\\").replace('"', '\\"')
    assert "protected-mode no" in lines
    assert [line for line in lines if line.startswith("requirepass")] == (
        [f'requirepass "{escaped}"'] if password else []
    )


def test_a_password_of_two_lines_is_refused(shell: Run) -> None:
    done = shell("redis_secret $'one\\ntwo'")
    assert done.returncode == 1
    assert "more than one line" in done.stderr


def test_a_digest_sees_names_and_bytes(shell: Run, tmp_path: Path) -> None:
    folder = tmp_path / "a source"
    folder.mkdir()

    def digest() -> str:
        return str(shell(f"digest_of '{folder}' ! -name '*_test.go'").stdout.strip())

    (folder / "main.go").write_text("a")
    first = digest()
    assert len(first) == 16
    (folder / "main_test.go").write_text("ignored")
    assert digest() == first
    (folder / "main.go").write_text("b")
    second = digest()
    (folder / "main.go").rename(folder / "other.go")
    assert len({first, second, digest()}) == 3
