"""Makes the Python environment of helm tyk-upgrade at its first run and prints the environment's folder.

scripts/tyk-upgrade calls this with the Python it chose; only the standard library is there. The environment
is built beside its place and renamed into it, so a run that is killed leaves nothing that could be taken for
an environment. Its requirements.txt, written last, says what it was made from. A complete environment is
never changed: a program may be running from it.
"""

from __future__ import annotations

import compileall
import contextlib
import fcntl
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

INDEX_HINT = (
    "check the network, or tell pip about your proxy or index (HTTPS_PROXY, PIP_INDEX_URL, PIP_CERT);\n"
    "without network: install the plugin from the release's offline archive, tyk-upgrade-{version}.tgz"
)
PIP_HINT = (
    "install pip for this Python (Debian, Ubuntu: apt install python3-venv; Alpine: apk add py3-pip;\n"
    "Fedora: dnf install python3-pip), or install uv,\n"
    "or install the plugin from the release's offline archive, which brings its own pip"
)
# One package of each kind that can break alone: with compiled parts, and of pure Python.
PROBE = (
    "import sys; sys.path.append(sys.argv[1])\n"
    "import httpx2, lightkube, msgspec, requests, rich, ruamel.yaml, yaml"
)


class SetupError(Exception):
    """What went wrong, and what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def say(text: str) -> None:
    """Tells the person, on stderr (stdout is the answer), without other programs' control characters."""
    shown = "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
    print(f"tyk-upgrade: {shown}", file=sys.stderr, flush=True)


def base_python() -> Path:
    """The real interpreter: no version manager's shim, nor the virtual environment that is active."""
    return Path(os.path.realpath(getattr(sys, "_base_executable", sys.executable) or sys.executable))


def environment_name(version: str, platform: str, requirements: bytes) -> str:
    """`<version>-<python>-<platform>-<digest>`: other requirements or another such Python, another name."""
    digest = hashlib.sha256(requirements + os.fsencode(base_python())).hexdigest()[:8]
    return f"{version}-cp{sys.version_info[0]}{sys.version_info[1]}-{platform}-{digest}"


def is_complete(environment: Path, requirements: bytes) -> bool:
    """True when the environment was finished from these requirements and its Python is still there."""
    marker = environment / "requirements.txt"
    return (
        os.access(environment / "bin" / "python", os.X_OK)
        and marker.is_file()
        and marker.read_bytes() == requirements
    )


def writable_home(home: str, spare: str) -> Path:
    """The folder of the environments: `home`, made if need be, else `spare`, which must be ours alone."""
    try:
        if not os.path.isabs(home):
            raise OSError("not an absolute path; is HOME set?")
        Path(home).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            return Path(home)
    except OSError as error:
        if os.environ.get("TYK_UPGRADE_HOME"):
            raise SetupError(
                f"the folder of TYK_UPGRADE_HOME, {home}, cannot be written: {error.strerror or error}",
                "set TYK_UPGRADE_HOME to a folder that you can write, or unset it",
            ) from error
        place = home or "of Helm"
        say(f"the cache folder {place} cannot be written ({error.strerror or error}); using {spare}")
    return private_folder(Path(spare))


def private_folder(folder: Path) -> Path:
    """Makes `folder` for this user only; refuses one that somebody else could have prepared."""
    hint = "remove it, or set TYK_UPGRADE_HOME to a folder that you can write"
    try:
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        status = folder.lstat()
    except OSError as error:
        raise SetupError(f"{folder} cannot be made: {error.strerror}", hint) from error
    if folder.is_symlink() or not folder.is_dir() or status.st_uid != os.geteuid() or status.st_mode & 0o077:
        raise SetupError(f"{folder} is not a folder that only you can write, so it is not safe to use", hint)
    return folder


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """One builder at a time; a second one waits and says so. The lock ends when its process does."""
    with path.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another run is preparing the Python environment; waiting for it ...")
            fcntl.flock(handle, fcntl.LOCK_EX)
        except OSError as error:  # a network file system without locks: two builders only waste time
            say(f"{path} cannot be locked ({error.strerror}); going on without")
        yield


def pip_commands(plugin: Path, environment: Path) -> Iterator[list[str]]:
    """Ways to run pip for this interpreter, best first; the caller takes the first that answers.

    pip is installed into the environment only where nothing else is left: that alone takes three seconds.
    """
    python = str(environment / "bin" / "python")
    for wheel in sorted((plugin / "wheels").glob("pip-*.whl")):
        yield [python, "-I", f"{wheel}/pip"]
    if importlib.util.find_spec("pip"):
        yield [str(base_python()), "-I", "-m", "pip"]
    if importlib.util.find_spec("ensurepip"):
        subprocess.run([python, "-I", "-m", "ensurepip"], capture_output=True, check=False)
        yield [python, "-I", "-m", "pip"]
    if shutil.which("uv"):
        yield ["uv", "pip"]


def find_pip(plugin: Path, environment: Path) -> list[str]:
    """The first working pip. Raises SetupError when there is none."""
    for command in pip_commands(plugin, environment):
        if subprocess.run([*command, "--help"], capture_output=True, check=False).returncode == 0:
            return command
    raise SetupError(f"{base_python()} has no pip, and no other installer was found", PIP_HINT)


def install(plugin: Path, environment: Path, version: str) -> None:
    """Installs requirements.txt from the plugin's own wheels; without fitting ones from the index."""
    command = find_pip(plugin, environment)
    arguments = [*command, "install", "--quiet", "--no-deps", "--target", str(environment / "packages")]
    if command[0] == "uv":
        arguments += ["--python", str(environment / "bin" / "python")]
    else:
        arguments += ["--no-input", "--disable-pip-version-check", "--no-compile", "--retries", "2"]
    arguments += ["--requirement", str(plugin / "requirements.txt")]
    # A user's pip settings hold (index, proxy, certificates), but not those that choose another place.
    settings = {k: v for k, v in os.environ.items() if k not in ("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT")}
    settings["PIP_USER"] = "0"
    problem = "no wheels folder"
    if (plugin / "wheels").is_dir():
        offline = [*arguments, "--no-index", "--find-links", str(plugin / "wheels")]
        problem = run_installer(offline, settings)
        if not problem:
            return
        say(f"the plugin's own wheels do not fit this Python; trying the package index ({problem})")
    problem = run_installer(arguments, settings)
    if problem:
        raise SetupError(
            f"the Python packages could not be installed: {problem}", INDEX_HINT.format(version=version)
        )


def run_installer(arguments: list[str], settings: dict[str, str]) -> str:
    """Runs it; returns "" or the last lines in which it says what failed."""
    done = subprocess.run(
        arguments, env=settings, capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode == 0:
        return ""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    errors = [line for line in lines if "error" in line.lower()] or lines or [f"exit code {done.returncode}"]
    return "\n".join(errors[-3:])


def build(plugin: Path, environment: Path, requirements: bytes, version: str) -> None:
    """Makes the environment under another name and renames it. The caller holds the lock."""
    for leftover in environment.parent.glob(f"{environment.name}.part-*"):
        shutil.rmtree(leftover, ignore_errors=True)  # of a builder that was killed
    part = environment.with_name(f"{environment.name}.part-{os.getpid()}")
    try:
        venv.EnvBuilder(symlinks=True, with_pip=False).create(part)
        install(plugin, part, version)
        probe = [str(part / "bin" / "python"), "-I", "-S", "-c", PROBE, str(part / "packages")]
        probed = subprocess.run(probe, capture_output=True, text=True, check=False)
        if probed.returncode != 0:
            why = (probed.stderr.strip().splitlines() or ["no message"])[-1]
            raise SetupError(
                f"the installed packages do not work with {base_python()}: {why}",
                "set TYK_UPGRADE_PYTHON to another Python",
            )
        compileall.compile_dir(part / "packages", quiet=2)
        (part / "requirements.txt").write_bytes(requirements)
        if environment.exists():  # what is there is not complete, so nothing runs from it
            environment.rename(part / "replaced")
        part.rename(environment)
        shutil.rmtree(environment / "replaced", ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def prepare(plugin: Path, version: str, platform: str, home: str, spare: str) -> Path:
    """The environment's folder, made if need be."""
    requirements = (plugin / "requirements.txt").read_bytes()
    name = environment_name(version, platform, requirements)
    if is_complete(Path(home) / name, requirements):
        return Path(home) / name
    folder = writable_home(home, spare)
    environment = folder / name
    with locked(folder / f"{name}.lock"):
        if not is_complete(environment, requirements):
            source = "its own wheels" if (plugin / "wheels").is_dir() else "the package index"
            say(f"first run of {version}: preparing a Python environment from {source} (once, seconds) ...")
            build(plugin, environment, requirements, version)
            say(f"environment ready: {environment}")
    return environment


def main(arguments: list[str]) -> int:
    """Arguments: plugin folder, version, platform, folder of the environments, folder instead of it."""
    plugin, version, platform, home, spare = arguments
    try:
        print(prepare(Path(plugin), version, platform, home, spare))
    except SetupError as error:
        say(f"{error}\nWhat to do: {error.hint}")
        return 1
    except OSError as error:
        say(f"the Python environment could not be made: {error}\nWhat to do: check its rights and free space")
        return 1
    except KeyboardInterrupt:
        say("interrupted; the environment will be made at the next run")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
