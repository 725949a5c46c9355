"""A log that the kubelet has removed is no log."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.cluster.logs import found
from helm_tyk_upgrade.errors import NotFound


def test_what_the_kubelet_says_of_a_removed_log_is_not_the_log() -> None:
    with pytest.raises(NotFound, match="the log of gateway-0/web is removed"):
        found("unable to retrieve container logs for containerd://2a034fc9", "gateway-0", "web")


def test_any_other_text_is() -> None:
    assert found("level=info msg=started\n", "gateway-0", "web") == "level=info msg=started\n"
