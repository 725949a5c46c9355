"""The program in a world of its own: nothing but Helm, a folder and an environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How it ended; seconds: wall time."""

    code: int
    out: str
    err: str
    seconds: float


@dataclass(frozen=True)
class Program:
    """folder: an empty one. Below it are HOME, Helm's folders and the state of the runs."""

    helm: str
    folder: Path
    catalogue: str

    def run(self, *args: str, module: str = "helm_tyk_upgrade", **env: str) -> Ended:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", module, *args],
            cwd=self.work,
            env={**self._environment(), **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ended(done.returncode, done.stdout, done.stderr, time.monotonic() - began)

    @property
    def work(self) -> Path:
        """Where it runs; whoever uses it, a command that fails leaves it as it was."""
        return self._made("work")

    @property
    def state(self) -> Path:
        return self.folder / "state"

    def _environment(self) -> dict[str, str]:
        helm = {
            f"HELM_{name}_HOME": str(self._made(f"helm/{name.lower()}"))
            for name in ("CACHE", "CONFIG", "DATA")
        }
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self._made("home")),
            "PYTHONPATH": str(REPO),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            "HELM_BIN": self.helm,
            "HELM_PLUGINS": str(self._made("helm/data/plugins")),
            "HELM_NAMESPACE": "tyk",
            "TYK_UPGRADE_STATE_DIR": str(self.state),
            "TYK_UPGRADE_CATALOGUE": self.catalogue,
            **helm,
        }

    def _made(self, name: str) -> Path:
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        return path


def kubeconfig(path: Path, server: str, **user: Any) -> str:
    """A file for one cluster and one user, here as the word that KUBECONFIG wants."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "it", "user": "me"}}],
        "clusters": [{"name": "it", "cluster": {"server": server}}],
        "users": [{"name": "me", "user": user}],
    }
    path.write_text(json.dumps(config))
    path.chmod(0o600)
    return str(path)
