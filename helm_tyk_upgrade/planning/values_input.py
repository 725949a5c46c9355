"""The user's values: which files they come from, what Helm is given, what the run would edit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from helm_tyk_upgrade.edge.files import read_file
from helm_tyk_upgrade.helm.client import values_document
from helm_tyk_upgrade.model.inputs import Layers
from helm_tyk_upgrade.model.plan import ValuesFile, ValuesInput

DEFAULT_FILE = "values.yaml"


def read_files(documents: Sequence[str | bytes]) -> tuple[ValuesFile, ...]:
    """The local files among the documents, in order; one that is given twice (by whatever name) is there once, at its
    last place. URLs and downloader schemes (`secrets://`) stay Helm's. Raises NotFound or TykUpgradeError naming the
    file."""
    files = [document for document in documents if isinstance(document, str) and is_local(document)]
    last = {os.path.realpath(name): at for at, name in enumerate(files)}
    return tuple(_read(name) for at, name in enumerate(files) if last[os.path.realpath(name)] == at)


def read_once(documents: Sequence[str | bytes]) -> tuple[str | bytes, ...]:
    """The documents with the bytes of those that can be read only once, and only by this process (a pipe, `<(...)`): as
    for standard input, Helm is handed the bytes. Raises TykUpgradeError naming the file."""
    return tuple(
        read_file(Path(document), what="values file").data
        if isinstance(document, str) and is_local(document) and _is_stream(Path(document))
        else document
        for document in documents
    )


def _is_stream(path: Path) -> bool:
    return path.exists() and not path.is_file() and not path.is_dir()


def has_unread(documents: Sequence[str | bytes]) -> bool:
    """Whether Helm is given layers that are no local files: what they say is not told apart from the others."""
    return any(isinstance(document, bytes) or not is_local(document) for document in documents)


def is_local(document: str) -> bool:
    """Whether a -f argument names a file on this machine rather than something Helm fetches."""
    return document != "-" and "://" not in document


def locate(given: Layers, stdin: bytes | None, release_values: dict[str, Any] | None) -> tuple[str, Layers]:
    """(where the values come from, in words; what Helm is given). stdin holds the document of `-f -`.

    Without -f: values.yaml in this folder, unless the folder is a chart (then it holds the chart's defaults);
    else the values that the release uses.
    """
    if given.documents:
        documents = tuple(
            stdin if document == "-" and stdin is not None else document for document in given.documents
        )
        documents = read_once(documents)
        names = ", ".join(
            "standard input" if document == "-" else str(document) for document in given.documents
        )
        return f"{names} (given with -f)", Layers(documents, given.sets)
    if _has_default_file():
        return f"{DEFAULT_FILE} in this folder", Layers((DEFAULT_FILE,), given.sets)
    if release_values:
        return "the release's own values (no values file here)", Layers(
            (values_document(release_values),), given.sets
        )
    return "the chart's defaults (the release has no values of its own, and no values file is here)", given


def from_release(given: Layers) -> bool:
    """Whether `locate` needs to know the values that the release uses."""
    return not given.documents and not _has_default_file()


def _has_default_file() -> bool:
    return Path(DEFAULT_FILE).is_file() and not Path("Chart.yaml").is_file()


def with_kept(layers: Layers, kept: dict[str, Any]) -> Layers:
    """The layers over the values that only the release has, as the lowest layer."""
    return Layers((values_document(kept), *layers.documents), layers.sets) if kept else layers


def as_planned(layers: Layers, after: dict[str, bytes]) -> Layers:
    """The layers with edited files replaced by the bytes they will have: for renders made before the write."""
    real = {os.path.realpath(name): data for name, data in after.items()}
    documents = tuple(
        real.get(os.path.realpath(document), document)
        if isinstance(document, str) and is_local(document)
        else document
        for document in layers.documents
    )
    return Layers(documents, layers.sets)


def values_input(source: str, layers: Layers, merged: dict[str, Any]) -> ValuesInput:
    return ValuesInput(source, read_files(layers.documents), layers, merged)


def _read(document: str) -> ValuesFile:
    found = read_file(Path(document), what="values file")
    return ValuesFile(document, found.data, found.digest, found.mode)
