"""Secrets planted in every place where charts, clusters and people keep one, and the search for them.

Each has a number of its own, so that a find names its place; none tells the masker of another. The gateway's secret and
the password of Redis are not among them: those of the harness are searched for in whatever any test runs.
"""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote

WORD = "zv3Kq8"
"""In every planted secret, and in nothing else."""
PLACES = (
    "a Secret's data",
    "a Secret's stringData",
    "tyk.conf in a ConfigMap: secret",
    "tyk.conf in a ConfigMap: password of the storage",
    "an ini file in a ConfigMap",
    "a private key in a ConfigMap",
    "binaryData of a ConfigMap",
    "a custom resource",
    "an annotation",
    "kubectl's annotation with the last applied Secret",
    "an environment variable",
    "a Redis URL in an environment variable",
    "a PostgreSQL connection string with characters that URLs quote",
    "an argument",
    "a command line",
    "a header in a ConfigMap",
    "user values: a key that no template reads",
    "user values: a comment",
    "a second values file",
    "--set",
    "--set-file",
    "a values file of a downloader",
    "a pull secret",
    "the password of a chart repository known to Helm",
    "basic authentication in --repo",
    "an API definition",
    "a TLS key in a Secret of the cluster",
    "a hook's environment",
)


def secret(place: str) -> str:
    number = PLACES.index(place)
    return f"{WORD}-{number:02d}-planted-{number * 7919:06d}"


def found_in(text: str) -> list[str]:
    """The places whose secret can be read in the text, in clear, base64 (whole or within something longer), URL or
    JSON form."""
    flat = re.sub(r"[\r\n\t ]+", "", text)
    return [place for place in PLACES if any(form in text or form in flat for form in _forms(secret(place)))]


def _forms(value: str) -> set[str]:
    inside = set()
    for shift in range(
        3
    ):  # the base64 of `user:VALUE` and the like, without what its neighbours have part in
        encoded = base64.b64encode(b"\0" * shift + value.encode()).decode()
        inside.add(encoded[(0, 2, 3)[shift] : (shift + len(value)) * 8 // 6])
    return {value, value.rpartition("planted-")[0], quote(value, safe=""), *inside}


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def pem(text: str) -> str:
    return f"-----BEGIN RSA PRIVATE KEY-----\n{text}\n-----END RSA PRIVATE KEY-----\n"


def template(kind: str) -> bytes:
    """A template with secrets in all of its objects. They differ from chart version to chart version, so that each is
    part of a change. kind: API version of a custom resource that the cluster knows."""
    return "---\n".join(json.dumps(item) + "\n" for item in _objects(kind)).encode()


V = "{{ .Chart.Version }}"


def _objects(kind: str) -> list[dict[str, object]]:
    conf = {
        "listen_port": 8080,
        "secret": secret("tyk.conf in a ConfigMap: secret") + V,
        "storage": {
            "type": "redis",
            "password": secret("tyk.conf in a ConfigMap: password of the storage") + V,
        },
    }
    settings = {
        "tyk.conf": json.dumps(conf),
        "a.ini": f"port=1\npassword={secret('an ini file in a ConfigMap')}{V}\n",
        "server.pem": pem(secret("a private key in a ConfigMap") + V),
        "curl": f"curl -H 'Authorization: Bearer {secret('a header in a ConfigMap')}{V}' http://x",
    }
    applied = {
        "kind": "Secret",
        "data": {"mode": b64(secret("kubectl's annotation with the last applied Secret"))},
    }
    blob = f"{{{{ print `blob {secret('binaryData of a ConfigMap')}` .Chart.Version | b64enc }}}}"
    data = f"{{{{ print `{secret(PLACES[0])}` .Chart.Version | b64enc }}}}"
    annotations = {
        "example.test/token": secret("an annotation") + V,
        "kubectl.kubernetes.io/last-applied-configuration": json.dumps(applied),
    }
    return [
        _named("v1", "Secret", "planted", data={"mode": data}),
        _named("v1", "Secret", "planted-too", stringData={"plain": secret("a Secret's stringData") + V}),
        _named("v1", "ConfigMap", "planted", data=settings, binaryData={"blob": blob}),
        _named(kind, "Planted", "planted", spec={"auth": {"apiKey": secret("a custom resource") + V}}),
        {
            **_named("v1", "Service", "planted", spec={"ports": [{"port": 80}], "selector": {"app": "none"}}),
            "metadata": {"name": "planted", "annotations": annotations},
        },
        _cron_job(),
        _hook(),
    ]


def _named(api_version: str, kind: str, name: str, **rest: object) -> dict[str, object]:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": name}, **rest}


def _cron_job() -> dict[str, object]:
    """One that never runs."""
    dsn = quote(secret("a PostgreSQL connection string with characters that URLs quote") + "/?&", safe="")
    container = {
        "name": "planted",
        "image": "tyk-upgrade.test/tyk-gateway:v5.9.1",
        "env": [
            {"name": "TYK_GW_NODESECRET", "value": secret("an environment variable") + V},
            {
                "name": "CACHE",
                "value": f"redis://:{secret('a Redis URL in an environment variable')}{V}@redis:6379/0",
            },
            {"name": "STORE", "value": f"postgres://tyk:{dsn}{V}@db:5432/tyk?sslmode=disable"},
        ],
        "args": [f"--password={secret('an argument')}{V}", "--port", "8080"],
        "command": ["sh", "-c", f"exec tyk --token {secret('a command line')}{V} --conf /a"],
    }
    pod = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    spec = {"schedule": "0 0 1 1 *", "suspend": True, "jobTemplate": {"spec": {"template": pod}}}
    return _named("batch/v1", "CronJob", "planted", spec=spec)


def _hook() -> dict[str, object]:
    """Of `helm test`: it is in the release's hooks, and nobody runs it."""
    env = [{"name": "API_KEY", "value": secret("a hook's environment") + V}]
    container = {"name": "hook", "image": "tyk-upgrade.test/tyk-gateway:v5.9.1", "env": env}
    hook = _named("v1", "Pod", "planted-hook", spec={"restartPolicy": "Never", "containers": [container]})
    return {**hook, "metadata": {"name": "planted-hook", "annotations": {"helm.sh/hook": "test"}}}
