"""A plan on the terminal, in the order in which a reviewer decides: what it touches, what blocks, why, the way back."""

from __future__ import annotations

from collections.abc import Collection

from helm_tyk_upgrade.model.change import Danger
from helm_tyk_upgrade.model.chart import Chosen
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.plan import GatewayTarget, Plan
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.verdict import Status
from helm_tyk_upgrade.model.words import count
from helm_tyk_upgrade.report.advice_view import show_advice
from helm_tyk_upgrade.report.blast import availability, blast_radius, describe_impact
from helm_tyk_upgrade.report.detail import Detail
from helm_tyk_upgrade.report.knowledge_notes import knowledge_sections, unlearned
from helm_tyk_upgrade.report.masking import learn_plan
from helm_tyk_upgrade.report.notes import Section, show_section
from helm_tyk_upgrade.report.objects import show_objects
from helm_tyk_upgrade.report.page import Page
from helm_tyk_upgrade.report.server_notes import server_sections, unasked
from helm_tyk_upgrade.report.values_view import show_values
from helm_tyk_upgrade.report.verdict_view import show_briefly, show_verdicts
from helm_tyk_upgrade.report.way_back import CHECK, NOT_REHEARSED, rollback_line, way_back

WORKLOADS = 8
"""So many workloads are described one by one; the others are counted."""
WAYS = {
    "proven": "good",
    "not proven": "warn",
    "at risk": "warn",
    "impossible": "bad",
    NOT_REHEARSED: "warn",
}


def show_plan(page: Page, plan: Plan, masker: Masker, only: Collection[str], detail: Detail) -> None:
    """The parts named by `only`, all where it is empty."""
    learn_plan(masker, plan)
    _show_title(page, plan, masker)
    if not only:
        _show_blast_radius(page, plan, masker, detail)
        _show_versions(page, plan, masker)
        _show_blocking(page, plan, masker)
    if not only or "values" in only:
        show_values(page, plan.values.source, plan.values_changes, masker, whole=detail.whole("values"))
        show_advice(page, plan.advice, masker, all_kinds=detail.whole("values"))
    if not only or "diff" in only:
        show_objects(page, plan.objects, masker, detail)
    if not only or "checks" in only:
        for section in sections(plan, masker, whole=detail.whole("server")):
            show_section(page, section)
        _show_checks(page, plan, masker, whole=bool(only) or detail.whole("checks"))
    if not only:
        _show_way_back(page, plan, masker)


def sections(plan: Plan, masker: Masker, *, whole: bool) -> tuple[Section, ...]:
    """What the API server, the registries and the records said, for every view."""
    return (
        *server_sections(plan.server, masker, whole=whole),
        *knowledge_sections(plan.transitions, plan.plugins, masker, whole=whole),
    )


def not_found_out(plan: Plan, masker: Masker) -> tuple[str, ...]:
    """`images, drift: the cluster was not asked`: what has no section because nobody could say, by reason."""
    reasons: dict[str, list[str]] = {}
    missing = (*unasked(plan.server, masker), *unlearned(plan.transitions, plan.plugins, masker))
    for what, why in missing:
        reasons.setdefault(why, []).append(what)
    return tuple(f"{', '.join(names)}: {why}" for why, names in reasons.items())


def _show_title(page: Page, plan: Plan, masker: Masker) -> None:
    old, new = plan.release, plan.archive
    title = f"Plan for {old}: {old.chart} {old.chart_version} -> {new.name} {plan.chart.version}"
    page.line((masker.text(title), "bold"))
    if plan.nothing_to_do:
        page.text("Nothing to do: chart, values and objects are as planned already.", "good", indent=0)


def _show_blast_radius(page: Page, plan: Plan, masker: Masker, detail: Detail) -> None:
    page.heading("What it touches")
    page.text(blast_radius(plan.objects))
    impact = plan.objects.impact
    shown = impact if detail.whole("diff") or len(impact) <= WORKLOADS + 1 else impact[:WORKLOADS]
    for each in shown:
        page.text(masker.text(describe_impact(each)), "warn", lead="* ")
    if len(shown) < len(impact):
        page.text(f"... {len(impact) - len(shown)} more workloads: --show diff", "dim")
    if plan.objects.objects and not impact:
        page.text("no pod is replaced", "good")
    verdict = availability(plan.verdicts)
    if verdict is not None:
        page.text(masker.text(verdict.reason), "good" if verdict.status is Status.PASS else "warn", lead="* ")
    for found in plan.objects.dangers:
        _show_danger(page, found, masker)


def _show_danger(page: Page, found: Danger, masker: Masker) -> None:
    page.text(masker.text(found.reason), "bad", lead=f"! {found.effect}: ", hang=4)
    page.text(masker.text(found.hint), "dim", indent=4)


def _show_versions(page: Page, plan: Plan, masker: Masker) -> None:
    page.heading("Versions")
    _show_version(page, "chart", plan.release.chart_version, plan.chart, masker)
    before = _known(plan.gateway_before)
    if isinstance(plan.gateway, Known):
        target: GatewayTarget = plan.gateway.value
        planned = _known(target.version)
        page.pair("gateway", masker.text(f"{before} -> {planned}: {target.chosen.reason}"))
        page.pair("", masker.text(f"image {target.image}"), "dim")
        if target.expected:
            page.pair("", masker.text(f"expected by you: {target.expected}"))
        _show_passed_over(page, target.chosen, masker)
    else:
        page.pair("gateway", masker.text(f"{before} -> unknown ({plan.gateway.reason})"), "warn")
    for note in plan.catalogue_notes:
        page.pair("note", masker.text(note), "dim")


def _show_version(page: Page, label: str, before: str, chosen: Chosen, masker: Masker) -> None:
    same = " (unchanged)" if before == chosen.version else ""
    page.pair(label, masker.text(f"{before} -> {chosen.version}{same}: {chosen.reason}"))
    _show_passed_over(page, chosen, masker)


def _show_passed_over(page: Page, chosen: Chosen, masker: Masker) -> None:
    for version, reason in chosen.passed_over:
        page.pair("", masker.text(f"not {version}: {reason}"), "dim")


def _known(value: Maybe[str]) -> str:
    return value.value if isinstance(value, Known) else f"unknown ({value.reason})"


def _show_blocking(page: Page, plan: Plan, masker: Masker) -> None:
    if plan.blocking:
        page.heading("What blocks")
        show_verdicts(page, plan.blocking, masker, whole=False)


def _show_checks(page: Page, plan: Plan, masker: Masker, whole: bool) -> None:
    page.heading("Checks")
    if whole:
        show_verdicts(page, plan.verdicts, masker)
    else:
        elsewhere = [verdict for verdict in plan.verdicts if verdict.check != CHECK]
        show_briefly(page, elsewhere, masker)
    for line in not_found_out(plan, masker):
        page.text(line, "warn", lead="not found out: ", hang=4)


def _show_way_back(page: Page, plan: Plan, masker: Masker) -> None:
    page.heading("Way back")
    release, found = plan.release, way_back(plan.verdicts)
    page.text(
        masker.text(f"revision {plan.rollback_to} of {release} ({release.chart} {release.chart_version})")
    )
    page.text(masker.text(found.text), WAYS[found.word])
    for line in found.evidence:
        page.text(masker.text(line), "dim", indent=4)
    files = [edited.file for edited in plan.values_changes.edited_files]
    if files:
        page.text(masker.text(f"values files as they are now: {', '.join(files)}"))
    page.blank()
    if plan.blocking:
        names = ", ".join(verdict.check for verdict in plan.blocking)
        page.text(f"Blocked by {count(len(plan.blocking), 'check')}: {names}", "bad", indent=0)
    page.text(rollback_line(plan), "bold", indent=0)
