"""What a saved plan is bound to, sealed. Pure."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from helm_tyk_upgrade.edge.files import sha256
from helm_tyk_upgrade.manifests.secrets import secret_values
from helm_tyk_upgrade.manifests.split import split
from helm_tyk_upgrade.model.change import ObjectId, Path, dotted
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.plan import Plan
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.planning.live_fields import LiveFields, Other, live_fields

Seals = dict[str, dict[str, str]]
"""Object -> field -> seal."""
WHOLE = "(the whole object)"
_WITHOUT_KEY = (
    "secret values, and the bytes of values files: which cluster this is could not be told (get namespace kube-system),"
    " and without it a seal would let short passwords be tried out"
)


def bound(plan: Plan, salt: str, cluster: Maybe[str]) -> dict[str, Any]:
    """What must still be the same when the plan is carried out.

    Of values, files and objects, which may hold secrets, only an HMAC of each is kept. Its key is the cluster's
    identity, which the file does not hold: who has the file alone cannot try out passwords. Where the identity is
    unknown the key is the salt alone; then nothing that is secret is sealed, and notBound says so.
    """
    identity = cluster.value if isinstance(cluster, Known) else ""
    seal = _Sealer(f"{salt}{identity}".encode(), None if identity else _masker(plan))
    live = live_fields(plan)
    return {
        "salt": salt,
        "cluster": seal("cluster") if identity else "",
        "release": str(plan.release),
        "revision": plan.release.revision,
        "deployed": plan.deployed,
        "chart": f"{plan.archive.name}-{plan.archive.version}",
        "chartDigest": plan.archive.digest,
        "helmMajor": plan.helm.major,
        "values": {dotted(path): seal.value(path, leaf) for path, leaf in _leaves(plan.values.merged)},
        "valuesFiles": seal.files((file.path, file.digest) for file in plan.values.files),
        "editedFiles": seal.files(
            (file.file, sha256(file.after)) for file in plan.values_changes.edited_files
        ),
        "changes": _changes(plan, seal),
        "live": _live(live, seal),
        "notFixed": _not_fixed(plan),
        "notBound": [*live.unknown, *(() if identity else (_WITHOUT_KEY,))],
    }


def bound_again(plan: Plan, saved: dict[str, Any]) -> dict[str, Any]:
    """The same of a plan made later, sealed so that it can be compared. A plan that was made without knowing its
    cluster is bound to the release and its deployment time alone."""
    return bound(plan, saved["salt"], plan.cluster if saved["cluster"] else Known(""))


@dataclass(frozen=True)
class _Sealer:
    """masker: of a plan without a key of its own, what is secret and is left out."""

    key: bytes
    masker: Masker | None = None

    def __call__(self, *what: Any) -> str:
        text = json.dumps(what, sort_keys=True, default=repr)
        return hmac.new(self.key, text.encode(), "sha256").hexdigest()[:32]

    def value(self, path: Path, value: Any) -> str:
        return self("value", path, self.hidden(str(path[-1]) if path else "", value))

    def files(self, files: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Paths and digests. A digest of a file with a short secret in it would tell the secret."""
        return {path: self("file", path, digest if self.masker is None else "") for path, digest in files}

    def hidden(self, name: str, value: Any, *, secret: bool = False) -> Any:
        """What is sealed of a value known by a name. secret: all of it is."""
        if self.masker is None:
            return value
        if isinstance(value, dict):
            secret = secret or value.get("kind") == "Secret"
            return {key: self.hidden(str(key), item, secret=secret) for key, item in value.items()}
        if isinstance(value, list):
            return [self.hidden(name, item, secret=secret) for item in value]
        return "secret" if secret or self.masker.value(name, value) != value else value


def _masker(plan: Plan) -> Masker:
    masker = Masker()
    masker.learn(secret_values(split(plan.manifest)))
    masker.learn_tree(plan.values.merged)
    return masker


def _leaves(tree: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Lists are leaves: their items have no names."""
    if isinstance(tree, dict) and (tree or not path):
        for key, value in tree.items():
            yield from _leaves(value, (*path, key))
    else:
        yield path, tree


def _changes(plan: Plan, seal: _Sealer) -> Seals:
    """The object changes, without fields that are random at each render. What a field was is part of the release's
    revision."""
    found: dict[str, dict[str, list[Any]]] = {}
    for change in plan.objects.objects:
        for one in change.fields:
            if not one.random:
                to = seal.hidden(one.name, one.new, secret=change.id.kind == "Secret")
                said = [change.id.api_version, change.action.value, change.hook, to, list(one.moved)]
                found.setdefault(str(change.id), {}).setdefault(one.path, []).append(said)
    return {
        item: {path: seal(item, path, said) for path, said in paths.items()} for item, paths in found.items()
    }


def _live(live: LiveFields, seal: _Sealer) -> Seals:
    def sealed(item: ObjectId, path: str, others: tuple[Other, ...]) -> str:
        secret = item.kind == "Secret"
        said = [[other.path, seal.hidden(other.name, other.live, secret=secret)] for other in others]
        return seal("live", str(item), path, sorted(said, key=repr))

    return {
        str(item): {path: sealed(item, path, others) for path, others in paths.items()}
        for item, paths in live.found.items()
        if paths
    }


def _not_fixed(plan: Plan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for change in plan.objects.objects:
        for one in change.fields:
            if one.random:
                found.setdefault(str(change.id), []).append(one.path or WHOLE)
    return found
