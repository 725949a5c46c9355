"""From the proof of each pod to the result of a step."""

from __future__ import annotations

from dataclasses import replace

from helm_tyk_upgrade.applying.proof_facts import facts_of
from helm_tyk_upgrade.applying.run import Run, done, failed, unknown
from helm_tyk_upgrade.model.gateway import ApiDefinition, Inventory, Policy
from helm_tyk_upgrade.model.known import Known, Maybe, Unknown
from helm_tyk_upgrade.model.outcome import PodProof, StepResult
from helm_tyk_upgrade.model.verdict import Status
from helm_tyk_upgrade.targets.proving import Expected

DECIDING = ("health-endpoint", "gateway-version", "redis-connected", "ready-endpoint", "startup-log")
"""A failure of these rolls back; an unknown one leaves the proof inconclusive."""
KEPT = ("apis-kept", "policies-kept")
"""A failure of these is no proof, but going back brings nothing back: it never rolls back."""


def prove_pods(run: Run, manifest: str, version: Maybe[str]) -> StepResult:
    """DONE when every deciding check of every pod passed, FAILED when one failed, else UNKNOWN."""
    inventory = _inventory(run)
    expected = Expected(version, inventory, _signatures(run), run.settings)
    proofs = tuple(_masked(run, proof) for proof in run.target.prove(manifest, expected))
    return result_of(proofs, comparable=isinstance(inventory, Known))


def result_of(proofs: tuple[PodProof, ...], *, comparable: bool = False) -> StepResult:
    """comparable: the baseline told what the gateway held, so that not knowing it now leaves the proof open. Where
    even the baseline did not, the plan said so before anybody agreed to it."""
    facts = facts_of(proofs)
    if not proofs:
        return unknown("no gateway pod was found to prove", proof=facts)
    found = [(proof.pod, verdict) for proof in proofs for verdict in proof.verdicts]
    for pod, verdict in found:
        if verdict.check in DECIDING and verdict.status is Status.FAIL:
            return failed(f"{pod}: {verdict.reason}", proof=facts)
    for pod, verdict in found:
        needed = DECIDING + KEPT if comparable else DECIDING
        doubtful = verdict.check in needed and verdict.status is Status.UNKNOWN
        if doubtful or (verdict.check in KEPT and verdict.status is Status.FAIL):
            return unknown(f"{pod}: {verdict.reason}", proof=facts)
    return done(f"{len(proofs)} of {len(proofs)} gateway pods answer as planned", proof=facts)


def _masked(run: Run, proof: PodProof) -> PodProof:
    """Evidence quotes the gateway's log, and all of it goes into the journal."""
    text = run.context.masker.text
    return PodProof(
        proof.pod,
        tuple(
            replace(
                verdict,
                reason=text(verdict.reason),
                evidence=tuple(map(text, verdict.evidence)),
                hint=text(verdict.hint),
            )
            for verdict in proof.verdicts
        ),
    )


def _inventory(run: Run) -> Maybe[Inventory]:
    """What the baseline recorded: ids and names are enough to compare."""
    apis, policies = run.fact("baseline", "apis"), run.fact("baseline", "policies")
    if apis is None or policies is None:
        return Unknown("the baseline could not list them")
    return Known(
        Inventory(
            tuple(ApiDefinition(key, name, "classic", {}) for key, name in apis.items()),
            tuple(Policy(key, name, {}) for key, name in policies.items()),
        )
    )


def _signatures(run: Run) -> Maybe[frozenset[str]]:
    """As the old pods logged them, where the plan still has them: the journal's are masked."""
    if run.intent is not None and isinstance(run.intent.baseline, Known):
        return run.intent.baseline.value.signatures
    found = run.fact("baseline", "signatures")
    return Unknown("the old pods' logs could not be read") if found is None else Known(frozenset(found))
