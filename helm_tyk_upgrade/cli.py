"""The command line: the only reader of sys.argv, and the one door where errors become words and exit codes."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout, suppress
from importlib import import_module
from typing import NoReturn

from helm_tyk_upgrade.context import Context, Streams
from helm_tyk_upgrade.errors import Exit, TykUpgradeError, UsageError
from helm_tyk_upgrade.global_flags import split_globals
from helm_tyk_upgrade.verbs import VERBS

_USAGE = """Upgrade Tyk Gateway releases and prove that they work.

Usage: {program} [COMMAND] [flags]     (without a command: upgrade)

Commands:
{commands}

Help on one of them: {program} COMMAND --help
Helm's global flags (-n, --kube-context, --kubeconfig, --debug, ...) work as in helm.
"""


class _Parser(argparse.ArgumentParser):
    """argparse exits with 2 on a usage error; 2 means "changes pending" here."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"see {self.prog} --help")


def program_name(env: Mapping[str, str]) -> str:
    return "helm tyk-upgrade" if env.get("HELM_PLUGIN_DIR") else "tyk-upgrade"


def main(
    argv: Sequence[str] | None = None, env: Mapping[str, str] | None = None, streams: Streams | None = None
) -> int:
    """Run one command; returns its exit code (docs/exit-codes.md)."""
    streams = streams or Streams(sys.stdin, sys.stdout, sys.stderr)
    env = os.environ if env is None else env
    context = Context(env, streams)
    try:
        split = split_globals(sys.argv[1:] if argv is None else argv, env)
        context = Context(split.env, streams)
        code = _dispatch(list(split.argv), context)
        streams.stdout.flush()
    except TykUpgradeError as error:
        code = _explain(error, context)
    except KeyboardInterrupt:
        context.say("Interrupted.")
        code = Exit.SIGINT
    except BrokenPipeError:
        code = Exit.ERROR
    except Exception as error:  # noqa: BLE001 - the one door: an unexpected error must not show a secret
        code = _internal_error(error, context)
    _settle_output(streams)
    return code


def _settle_output(streams: Streams) -> None:
    """Where the reader of our output went away (`| head`), what is left goes nowhere: else Python would find that out
    while it shuts down, complain, and end with an exit code of its own."""
    try:
        streams.stdout.flush()
        return
    except (OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (streams.stdout, streams.stderr):
        with suppress(OSError, ValueError):  # a stream without a descriptor has nothing to complain about
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def _dispatch(argv: list[str], context: Context) -> int:
    program = program_name(context.env)
    if argv[:1] == ["help"] and len(argv) > 1:
        argv = [argv[1], "--help"]
    if argv[:1] in (["--help"], ["-h"], ["help"]):
        commands = "\n".join(f"  {name:<12}{text}" for name, text in VERBS.items())
        context.out(_USAGE.format(program=program, commands=commands))
        return Exit.OK
    if not argv or argv[0].startswith("-"):
        argv = ["upgrade", *argv]
    verb, *rest = argv
    if verb not in VERBS:
        raise UsageError(
            f"there is no command {verb!r}",
            f"the commands: {', '.join(VERBS)}; a release: {program} upgrade {verb}",
        )
    module = import_module(f"helm_tyk_upgrade.verbs.{verb}")
    parser = _Parser(prog=f"{program} {verb}", description=VERBS[verb], allow_abbrev=False)
    module.add_arguments(parser)
    try:
        with redirect_stdout(context.streams.stdout):  # argparse prints its help there
            args = parser.parse_args(rest)
    except SystemExit:  # and ends there: only --help does, as errors are UsageErrors here
        return Exit.OK
    return int(module.run(args, context))


def _explain(error: TykUpgradeError, context: Context) -> int:
    context.say(f"Error: {context.masker.text(error.message)}")
    if error.hint:
        context.say(f"  -> {context.masker.text(error.hint)}")
    return error.exit_code


def _internal_error(error: Exception, context: Context) -> int:
    import traceback

    context.say(f"Internal error: {context.masker.text(f'{type(error).__name__}: {error}')}")
    if context.debug:
        context.say(context.masker.text("".join(traceback.format_exception(error))))
    else:
        context.say("  -> please report it with the output of the same command and --debug")
    return Exit.ERROR
