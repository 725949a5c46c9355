"""A plan on the terminal, in the order in which a reviewer decides: what it touches, what blocks, why, the way back."""

from __future__ import annotations

from collections.abc import Collection

from helm_tyk_upgrade import helmyaml
from helm_tyk_upgrade.model.change import Danger
from helm_tyk_upgrade.model.chart import Chosen
from helm_tyk_upgrade.model.known import Known, Maybe
from helm_tyk_upgrade.model.plan import GatewayTarget, Plan
from helm_tyk_upgrade.model.secrets import Masker
from helm_tyk_upgrade.model.verdict import Status
from helm_tyk_upgrade.report.advice_view import show_advice
from helm_tyk_upgrade.report.blast import AVAILABILITY, availability, blast_radius, describe_impact
from helm_tyk_upgrade.report.decision import Decision, decide
from helm_tyk_upgrade.report.detail import Detail
from helm_tyk_upgrade.report.knowledge_notes import knowledge_sections, unlearned
from helm_tyk_upgrade.report.masking import learn_plan
from helm_tyk_upgrade.report.notes import Section, show_section
from helm_tyk_upgrade.report.objects import show_objects
from helm_tyk_upgrade.report.page import Page
from helm_tyk_upgrade.report.server_notes import drift_section, server_sections, unasked
from helm_tyk_upgrade.report.values_view import show_values
from helm_tyk_upgrade.report.verdict_view import show_briefly, show_first, show_verdicts
from helm_tyk_upgrade.report.way_back import CHECK, NOT_REHEARSED, offline_note, rollback_line, way_back

WORKLOADS = 8
"""So many workloads are described one by one; the others are counted."""
VERSIONS = 3
"""So many versions that were passed over for one reason are named."""
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
    decision = decide(plan)
    _show_title(page, plan, decision, masker)
    if not only:
        _show_blast_radius(page, plan, masker, detail)
        _show_versions(page, plan, masker)
        show_first(page, decision, masker, told=(AVAILABILITY,))
    if not only or "values" in only:
        show_values(page, plan.values.source, plan.values_changes, masker, whole=detail.whole("values"))
        show_advice(page, plan.advice, masker, all_kinds=detail.whole("values"))
    if not only or "diff" in only:
        show_objects(page, plan.objects, masker, detail, named_objects(plan) if detail.objects else ())
    if not only or "checks" in only:
        for section in sections(plan, masker, whole=detail.whole("server")):
            show_section(page, section)
        _show_checks(page, plan, masker, whole=bool(only) or detail.whole("checks"))
    if not only:
        _show_way_back(page, plan, decision, masker)


def show_approved(page: Page, plan: Plan, masker: Masker) -> None:
    """A plan that was reviewed before: title, verdict, what warns or blocks, and what was changed by hand since."""
    learn_plan(masker, plan)
    decision = decide(plan)
    _show_title(page, plan, decision, masker)
    show_first(page, decision, masker)
    show_section(page, drift_section(plan.server, masker))
    page.blank()
    page.text(rollback_line(plan), "bold", indent=0)


def named_objects(plan: Plan) -> tuple[str, ...]:
    """`Deployment/gateway`: every object of the new manifest, and what is removed."""
    changed = [f"{change.id.kind}/{change.id.name}" for change in plan.objects.objects]
    rendered = [document.object for document in helmyaml.manifests(plan.manifest)]
    names = [f"{item.get('kind')}/{(item.get('metadata') or {}).get('name')}" for item in rendered]
    return tuple(dict.fromkeys([*changed, *names]))


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


def _show_title(page: Page, plan: Plan, decision: Decision, masker: Masker) -> None:
    old, new = plan.release, plan.archive
    kind = "Offline plan" if plan.offline else "Plan"
    title = f"{kind} for {old}: {old.chart} {old.chart_version} -> {new.name} {plan.chart.version}"
    page.line((masker.text(title), "bold"))
    page.text(masker.text(decision.text), decision.style, indent=0)
    if plan.offline is not None:
        page.text(masker.text(offline_note(plan.offline)), "warn", indent=0)


def _show_blast_radius(page: Page, plan: Plan, masker: Masker, detail: Detail) -> None:
    page.heading("What it touches")
    page.text(blast_radius(plan.objects))
    impact = plan.objects.impact
    shown = impact if detail.whole("diff") or len(impact) <= WORKLOADS + 1 else impact[:WORKLOADS]
    for each in shown:
        page.text(masker.text(describe_impact(each)), "warn", lead="* ")
    if len(shown) < len(impact):
        page.text(f"... {len(impact) - len(shown)} more workloads: --show diff", "dim")
    verdict = availability(plan.verdicts)
    if plan.objects.objects and not impact and verdict is None:
        page.text("no pod is replaced", "good")
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
    for text in passed_over(chosen):
        page.pair("", masker.text(text), "dim")


def passed_over(chosen: Chosen) -> tuple[str, ...]:
    """`not 5.3.0, 5.2.0 and 7 more: you asked for 3.0.0`: a line for each reason."""
    reasons: dict[str, list[str]] = {}
    for version, reason in chosen.passed_over:
        reasons.setdefault(reason, []).append(version)
    return tuple(f"not {_some(versions)}: {reason}" for reason, versions in reasons.items())


def _some(versions: list[str]) -> str:
    shown = versions if len(versions) <= VERSIONS + 1 else versions[:VERSIONS]
    more = f" and {len(versions) - len(shown)} more" if len(shown) < len(versions) else ""
    return ", ".join(shown) + more


def _known(value: Maybe[str]) -> str:
    return value.value if isinstance(value, Known) else f"unknown ({value.reason})"


def _show_checks(page: Page, plan: Plan, masker: Masker, whole: bool) -> None:
    page.heading("Checks")
    if whole:
        show_verdicts(page, plan.verdicts, masker, policies=True)
    else:
        elsewhere = [verdict for verdict in plan.verdicts if verdict.check != CHECK]
        show_briefly(page, elsewhere, masker)
    for line in not_found_out(plan, masker):
        page.text(line, "warn", lead="not found out: ", hang=4)


def _show_way_back(page: Page, plan: Plan, decision: Decision, masker: Masker) -> None:
    page.heading("Way back")
    release, found = plan.release, way_back(plan.verdicts)
    if plan.offline is None:
        page.text(
            masker.text(f"revision {plan.rollback_to} of {release} ({release.chart} {release.chart_version})")
        )
    page.text(masker.text(found.text), WAYS[found.word])
    if decision.fails:
        page.text(masker.text(f"It will be needed: {decision.fails}."), "bad")
    for line in found.evidence:
        page.text(masker.text(line), "dim", indent=4)
    files = [edited.file for edited in plan.values_changes.edited_files]
    if files:
        page.text(masker.text(f"values files as they are now: {', '.join(files)}"))
    page.blank()
    if plan.blocking:
        page.text(masker.text(decision.text), "bad", indent=0)
    page.text(rollback_line(plan), "bold", indent=0)
