"""Rendered manifests: objects, their templates, and Kubernetes' own reading of scalars."""

from __future__ import annotations

import pytest

from helm_tyk_upgrade.helmyaml import UnreadableYaml, manifests
from tests.helmyaml.random_edits import same

RENDERED = """\
---
# Source: tyk-oss/charts/tyk-gateway/templates/svc.yaml
# why it is here
apiVersion: v1
kind: Service
metadata:
  name: gateway
  labels: {on: "on", no: off}
spec:
  ports:
  - port: 8080
    mode: 0644
    text: "0644"
    ratio: 1.5
    whole: 3.0
    big: 12345678901234567890
---

---
# Source: tyk-oss/templates/empty.yaml
# nothing rendered
---
# Source: tyk-oss/templates/cm.yaml
kind: ConfigMap
data:
  script: |
    echo
    # Source: not/this
---apiVersion: v1
kind: Secret
"""


def test_objects_come_with_their_template_and_line() -> None:
    found = manifests(RENDERED)
    assert [(one.object["kind"], one.source, one.line) for one in found] == [
        ("Service", "tyk-oss/charts/tyk-gateway/templates/svc.yaml", 4),
        ("ConfigMap", "tyk-oss/templates/cm.yaml", 24),
        ("Secret", "", 29),
    ]


def test_scalars_are_read_as_kubernetes_reads_them() -> None:
    service = manifests(RENDERED.encode())[0].object
    assert same(service["metadata"]["labels"], {"true": "on", "false": False})
    (port,) = service["spec"]["ports"]
    assert {key: (type(value), value) for key, value in port.items()} == {
        "port": (int, 8080),
        "mode": (int, 420),
        "text": (str, "0644"),
        "ratio": (float, 1.5),
        "whole": (int, 3),
        "big": (float, 12345678901234567890.0),
    }


@pytest.mark.parametrize("text", ["", "\n", "# nothing\n", "---\n", "---\n---\n# x\n", "null\n"])
def test_text_without_objects_gives_none(text: str) -> None:
    assert manifests(text) == []


def test_a_broken_document_is_named_by_its_line() -> None:
    with pytest.raises(UnreadableYaml, match="line 5"):
        manifests("kind: A\n---\n# Source: x\nkind: B\n  bad: 1\n")
    with pytest.raises(UnreadableYaml, match="line 3, column 1: this document is not an object"):
        manifests("kind: A\n---\n- a\n")


def test_windows_line_endings_are_fine() -> None:
    (one,) = manifests("---\r\n# Source: a/b.yaml\r\nkind: A\r\n")
    assert (one.object, one.source) == ({"kind": "A"}, "a/b.yaml")
