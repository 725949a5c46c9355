"""The death of the Helm that started the plugin: the run goes on without it, and never leaves the release pending."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HelmBinary
from tests.faults.test_lock import UP, leases, until
from tests.live.conftest import NewSite
from tests.live.harness import REPO, Site

_LAUNCHER = '#!/bin/sh\nexec "{python}" -m helm_tyk_upgrade "$@"\n'


@pytest.fixture
def site(new_site: NewSite) -> Site:
    made = new_site("parent")
    made.install("4.0.0", made.world.values(tag="v5.9.1"))
    return made


def plugins(folder: Path) -> Path:
    """A folder of plugins with this one, started by this Python."""
    launcher = folder / "tyk-upgrade" / "scripts" / "tyk-upgrade"
    launcher.parent.mkdir(parents=True)
    launcher.write_text(_LAUNCHER.format(python=sys.executable))
    launcher.chmod(0o755)
    shutil.copy(REPO / "plugin.yaml", launcher.parents[1])
    return folder


def through_helm(site: Site, helm: Path, folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(helm), "tyk-upgrade", "-n", site.namespace, *UP, "5.13.1", "--wait"],
        cwd=site.folder,
        env={**site.world.env, **site.settings, "HELM_PLUGINS": str(plugins(folder))},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_a_run_goes_on_when_the_helm_that_started_it_dies(
    each_helm: HelmBinary, site: Site, tmp_path: Path, number: signal.Signals
) -> None:
    parent = through_helm(site, each_helm.path, tmp_path / "plugins")
    until(lambda: any(entry["step"] == "upgrade" for entry in journal(site)))
    os.kill(parent.pid, number)
    # Nobody reads what the run still says: the pipes of a cancelled job are closed.
    for stream in (parent.stdout, parent.stderr):
        assert stream is not None
        stream.close()
    parent.wait(timeout=10)
    until(lambda: any(entry["event"] == "ended" for entry in journal(site)), seconds=120)
    assert site.steps()["prove"] == "done"
    assert site.release()["status"] == "deployed"
    assert site.images() == {"v5.13.1"}
    assert leases(site) == []


def journal(site: Site) -> list[dict[str, str]]:
    return site.journal() if list((site.state / "runs").glob("*/journal.jsonl")) else []
