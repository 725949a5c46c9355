"""The proof of each pod as JSON values of a step's result, and back: the journal keeps nothing else."""

from __future__ import annotations

from typing import Any

from helm_tyk_upgrade.model.outcome import PodProof, StepResult
from helm_tyk_upgrade.model.verdict import Policy, Status, Verdict


def facts_of(proofs: tuple[PodProof, ...]) -> list[dict[str, Any]]:
    return [
        {"pod": proof.pod, "verdicts": [_value(verdict) for verdict in proof.verdicts]} for proof in proofs
    ]


def proofs_of(result: StepResult) -> tuple[PodProof, ...]:
    return tuple(
        PodProof(item["pod"], tuple(_verdict(value) for value in item["verdicts"]))
        for item in result.fact("proof", [])
    )


def _value(verdict: Verdict) -> dict[str, Any]:
    return {
        "check": verdict.check,
        "status": verdict.status.value,
        "reason": verdict.reason,
        "evidence": list(verdict.evidence),
        "hint": verdict.hint,
        "policy": verdict.policy.value,
    }


def _verdict(value: dict[str, Any]) -> Verdict:
    return Verdict(
        value["check"],
        Status(value["status"]),
        value["reason"],
        tuple(value["evidence"]),
        value["hint"],
        Policy(value["policy"]),
    )
