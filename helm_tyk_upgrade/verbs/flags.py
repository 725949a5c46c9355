"""Flags that several commands share. Helm's flags keep Helm's names and meaning; the others are ours."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from helm_tyk_upgrade.errors import UsageError

# --help must not wait for the records: they are imported when a request is made.
if TYPE_CHECKING:
    from helm_tyk_upgrade.context import Context
    from helm_tyk_upgrade.model.inputs import Layers, Offline, Request, RunSettings, Trust, UpgradeFlags
    from helm_tyk_upgrade.model.pods import EvidenceClass

REFUSED = {
    "--install": "this program upgrades releases that exist; install with helm install",
    "--reuse-values": "it keeps the old chart's defaults, the old image tag among them (helm/helm#9653)",
    "--reset-then-reuse-values": "all your values are given to Helm anyway; see --keep-release-values",
}
"""Flags of `helm upgrade` that contradict what this program promises, with the reason."""

_SETS = ("--set", "--set-string", "--set-file", "--set-json", "--set-literal")
_PASSED_SWITCHES = (
    "--skip-crds",
    "--disable-openapi-validation",
    "--no-hooks",
    "--skip-schema-validation",
    "--cleanup-on-fail",
    "--take-ownership",
)


class _Refuse(argparse.Action):
    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        raise UsageError(f"{option_string} cannot be used here", REFUSED[str(option_string)])


class _Set(argparse.Action):
    """Keeps every --set flag with its value in the order given."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        namespace.sets = (*namespace.sets, (str(option_string), str(values)))


def add_release(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "release",
        nargs="?",
        default="",
        metavar="RELEASE",
        help="not needed where the namespace has one Tyk release",
    )


def add_chart(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("versions and charts")
    group.add_argument(
        "--version", default="", metavar="VERSION", help="chart version or range; default: newest stable"
    )
    group.add_argument(
        "--gateway-version",
        default="",
        metavar="VERSION",
        help="gateway version or range: edits the image tag",
    )
    group.add_argument(
        "--chart",
        default="",
        metavar="CHART",
        help="REPO/NAME, oci://..., or a path, as helm upgrade takes it",
    )
    add_repository(group)


def add_offline(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("without a cluster")
    group.add_argument(
        "--kube-version", default="", metavar="VERSION", help="ask no cluster, render for this Kubernetes"
    )
    group.add_argument(
        "-a", "--api-versions", action="append", default=[], metavar="APIS", help="as helm template's"
    )
    group.add_argument(
        "--from", dest="start", default="", metavar="VERSION", help="chart version that runs, or its path"
    )
    group.add_argument(
        "--from-values",
        action="append",
        default=[],
        metavar="FILE",
        help="values file it runs with, - for standard input; repeatable; default: the new ones",
    )


def offline(args: argparse.Namespace) -> Offline | None:
    """What stands for the cluster; None where it is asked. Raises UsageError for flags that do not fit together."""
    import re

    if not args.kube_version:
        given = (
            ("--from", args.start),
            ("--from-values", args.from_values),
            ("--api-versions", args.api_versions),
        )
        for flag, value in given:
            if value:
                raise UsageError(
                    f"{flag} is for a plan without a cluster", "give --kube-version too, or leave it out"
                )
        return None
    if not re.fullmatch(r"v?\d+\.\d+(\.\d+\S*)?", args.kube_version):
        raise UsageError(f"--kube-version {args.kube_version} is no version of Kubernetes", "try 1.34.0")
    if not args.start:
        raise UsageError(
            "--kube-version needs --from: no cluster is asked which chart version runs",
            "give its version, or its path",
        )
    from helm_tyk_upgrade.model.inputs import Capabilities, Offline

    apis = tuple(api for text in args.api_versions for api in text.split(",") if api)
    return Offline(args.start, tuple(args.from_values), Capabilities(args.kube_version, apis))


def add_repository(group: argparse._ActionsContainer) -> None:
    """Where charts come from, and what is trusted there."""
    group.add_argument("--repo", default="", metavar="URL", help="chart repository URL")
    group.add_argument("--devel", action="store_true", help="prereleases too")
    group.add_argument(
        "--catalogue", default="", metavar="URL", help="Artifact Hub to ask ($TYK_UPGRADE_CATALOGUE)"
    )
    group.add_argument("--verify", action="store_true", help="verify the chart's provenance file")
    group.add_argument("--keyring", default="", metavar="FILE", help="public keys for --verify")
    group.add_argument("--ca-file", default="", metavar="FILE", help="CA bundle for HTTPS")


def add_values(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("values")
    group.add_argument(
        "-f", "--values", action="append", default=[], metavar="FILE", help="values file; repeatable"
    )
    add_sets(group)
    group.add_argument(
        "--keep-release-values",
        action="store_true",
        help="keep values that only the release has, as the lowest layer",
    )
    group.add_argument("--write", action="store_true", help="write proposed edits to the values file")
    for flag in REFUSED:
        group.add_argument(flag, action=_Refuse, nargs=0, help=argparse.SUPPRESS)


def add_sets(group: argparse._ActionsContainer) -> None:
    for flag in _SETS:
        group.add_argument(
            flag, action=_Set, dest="sets", default=(), metavar="KEY=VALUE", help=f"as helm's {flag}"
        )


def add_helm(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("passed to helm upgrade")
    group.add_argument(
        "--wait", nargs="?", const="true", default="", metavar="STRATEGY", help="as helm's --wait"
    )
    group.add_argument("--wait-for-jobs", action="store_true")
    group.add_argument("--timeout", default="", metavar="DURATION", help="Helm's own time-out (5m0s)")
    group.add_argument("--history-max", type=int, default=None, metavar="N")
    group.add_argument(
        "--force-conflicts", action="store_true", help="Helm 4 server-side apply: take over fields"
    )
    group.add_argument("--description", default="")
    group.add_argument("--labels", default="")
    group.add_argument("--post-renderer", default="", metavar="PROGRAM")
    group.add_argument("--post-renderer-args", action="append", default=[], metavar="WORD")
    for flag in _PASSED_SWITCHES:
        group.add_argument(flag, dest="passed", action="append_const", const=flag, default=None)
    group.add_argument(
        "--atomic",
        "--rollback-on-failure",
        action="store_true",
        help="names the default: a failed upgrade is rolled back",
    )


def add_proof(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("proof")
    group.add_argument("--proof-timeout", type=duration, default=120.0, metavar="DURATION", help="default 2m")
    group.add_argument(
        "--consecutive", type=positive, default=1, metavar="N", help="healthy readings in a row; default 1"
    )
    group.add_argument(
        "--interval", type=duration, default=2.0, metavar="DURATION", help="between readings; default 2s"
    )
    group.add_argument(
        "--expect-version", default="", metavar="VERSION", help="the gateway version that must answer"
    )


def add_run(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("the run")
    group.add_argument(
        "--rollout-timeout", type=duration, default=300.0, metavar="DURATION", help="default 5m"
    )
    group.add_argument("--no-rollback", action="store_true", help="leave a failed upgrade as it is")
    group.add_argument(
        "--restore-apis", action="store_true", help="post saved API definitions and policies to the new pods"
    )
    group.add_argument(
        "--grace", action="append", default=[], metavar="CLASS=DURATION", help="when waiting evidence decides"
    )
    group.add_argument(
        "--probe-url", default="", metavar="URL", help="where requests are counted during the rollout"
    )
    group.add_argument(
        "--max-lost", type=lost, default=(None, None), metavar="N|P%", help="more lost requests: exit code 6"
    )
    group.add_argument(
        "--max-gap",
        type=duration,
        default=None,
        metavar="DURATION",
        help="a longer gap in answers: exit code 6",
    )
    group.add_argument(
        "--soak", type=duration, default=0.0, metavar="DURATION", help="keep proving for so long; default 0"
    )
    group.add_argument(
        "--bundle-dir", default="", metavar="DIR", help="where bundles are kept ($TYK_UPGRADE_BUNDLE_DIR)"
    )
    add_lock_wait(group)


def add_lock_wait(group: argparse._ActionsContainer) -> None:
    group.add_argument(
        "--lock-wait",
        type=duration,
        default=0.0,
        metavar="DURATION",
        help="wait so long for a release that another run holds; default 0s: stop at once",
    )


def policy(text: str) -> str:
    """`CHECK=fail|warn|ignore`, refused at once where it names no check: a plan takes long. Raises UsageError."""
    from helm_tyk_upgrade.checks import parse_policies

    parse_policies([text])
    return text


def add_policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--policy",
        action="append",
        type=policy,
        default=[],
        metavar="CHECK=fail|warn|ignore",
        help="what a failing check does",
    )


def add_output(parser: argparse.ArgumentParser, formats: Sequence[str] = ("text", "json")) -> None:
    parser.add_argument("-o", "--output", choices=formats, default="text", help="default text")


def no_trust() -> Trust:
    """What `apply` trusts: the plan's digest decides."""
    from helm_tyk_upgrade.model.inputs import Trust

    return Trust()


def trust(args: argparse.Namespace) -> Trust:
    from helm_tyk_upgrade.model.inputs import Trust

    return Trust(args.ca_file, args.verify, args.keyring, args.devel)


def upgrade_flags(args: argparse.Namespace) -> UpgradeFlags:
    from helm_tyk_upgrade.model.inputs import UpgradeFlags

    return UpgradeFlags(
        wait=args.wait,
        wait_for_jobs=args.wait_for_jobs,
        timeout=args.timeout,
        history_max=args.history_max,
        force_conflicts=args.force_conflicts,
        description=args.description,
        labels=args.labels,
        post_renderer=args.post_renderer,
        post_renderer_args=tuple(args.post_renderer_args),
        passed=tuple(args.passed or ()),
    )


def run_settings(args: argparse.Namespace) -> RunSettings:
    from helm_tyk_upgrade.model.inputs import RunSettings

    if args.atomic and args.no_rollback:
        raise UsageError("--atomic and --no-rollback contradict each other", "leave one of them out")
    return RunSettings(
        rollout_timeout=args.rollout_timeout,
        proof_timeout=args.proof_timeout,
        consecutive=args.consecutive,
        interval=args.interval,
        rollback=not args.no_rollback,
        restore_apis=args.restore_apis,
        expect_version=args.expect_version,
        grace=tuple(_grace(text) for text in args.grace),
        probe_url=args.probe_url,
        soak=args.soak,
        max_lost=args.max_lost[0],
        max_lost_percent=args.max_lost[1],
        max_gap=args.max_gap,
        ca_file=args.ca_file,
        lock_wait=args.lock_wait,
    )


def duration(text: str) -> float:
    """A Go duration (`90s`, `2m30s`, `1h`) or plain seconds, in seconds. argparse shows the ValueError's text."""
    import re

    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sum(
            float(number) * {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}[unit] for number, unit in parts
        )
    if re.fullmatch(r"\d+(?:\.\d+)?", text):
        return float(text)
    raise argparse.ArgumentTypeError(f"{text!r} is no duration (try 90s or 2m30s)")


def lost(text: str) -> tuple[int | None, float | None]:
    """A budget of lost requests: a count (`7`) or a share of those sent (`0.1%`); one of the two is None."""
    number = text.removesuffix("%")
    if number != text and _is_percent(number):
        return None, float(number)
    if text.isascii() and text.isdigit():
        return int(text), None
    raise argparse.ArgumentTypeError(
        f"{text!r} is no number of requests and no share of them (try 10 or 0.5%)"
    )


def _is_percent(number: str) -> bool:
    import re

    return re.fullmatch(r"\d+(?:\.\d+)?", number) is not None and float(number) <= 100


def positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no positive number")
    return int(text)


def _grace(text: str) -> tuple[EvidenceClass, float]:
    name, separator, value = text.partition("=")
    if not separator:
        raise UsageError(
            f"--grace {text}: a class and a duration are needed", "for example --grace unschedulable=10m"
        )
    from typing import cast, get_args

    from helm_tyk_upgrade.model.pods import EvidenceClass

    if name not in get_args(EvidenceClass):
        raise UsageError(
            f"--grace {text}: there is no class {name!r}", f"classes: {', '.join(get_args(EvidenceClass))}"
        )
    try:
        return cast("EvidenceClass", name), duration(value)
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"--grace {text}: {error}") from error


def layers(args: argparse.Namespace) -> Layers:
    """What was given on the command line; files are read later."""
    from helm_tyk_upgrade.model.inputs import Layers

    return Layers(tuple(args.values), tuple(args.sets))


def request(args: argparse.Namespace, context: Context) -> Request:
    """What the user asked for, over the environment's defaults."""
    from helm_tyk_upgrade.model.inputs import Request

    return Request(
        release=args.release,
        version=args.version,
        gateway_version=args.gateway_version,
        chart=args.chart,
        repo=args.repo,
        catalogue=args.catalogue or context.env.get("TYK_UPGRADE_CATALOGUE", ""),
        trust=trust(args),
        layers=layers(args),
        keep_release_values=args.keep_release_values,
        write=args.write,
        policies=tuple(args.policy),
        flags=upgrade_flags(args),
        settings=run_settings(args),
    )
