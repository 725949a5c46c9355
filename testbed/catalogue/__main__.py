"""Runs the catalogue as a program; see the package's docstring."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from pathlib import Path

from testbed.catalogue.server import Catalogue


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m testbed.catalogue", description="A local Artifact Hub.")
    parser.add_argument("--charts", type=Path, required=True, help="folder of chart archives")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free one)")
    parser.add_argument("--fault", action="append", default=[], metavar="hub|repo:FAULT", type=_scoped)
    parser.add_argument("--gateway-of", action="append", default=[], metavar="CHART_VERSION=TAG", type=_pair)
    arguments = parser.parse_args(argv)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with Catalogue(arguments.charts, port=arguments.port, gateway_of=dict(arguments.gateway_of)) as catalogue:
        catalogue.faults(
            **{scope: [f for s, f in arguments.fault if s == scope] for scope in ("hub", "repo")}
        )
        urls = {"url": catalogue.url, "hub_url": catalogue.hub_url, "repo_url": catalogue.repo_url}
        print(json.dumps(urls | {"pid": os.getpid()}), flush=True)
        stopped.wait()
    return 0


def _scoped(text: str) -> tuple[str, str]:
    scope, mark, fault = text.partition(":")
    if scope not in ("hub", "repo") or not mark:
        raise argparse.ArgumentTypeError(f"{text!r} does not start with hub: or repo:")
    return scope, fault


def _pair(text: str) -> tuple[str, str]:
    version, mark, tag = text.partition("=")
    if not mark:
        raise argparse.ArgumentTypeError(f"{text!r} is not CHART_VERSION=TAG")
    return version, tag


if __name__ == "__main__":
    sys.exit(main())
