"""`helm tyk-upgrade verify`: the proof alone, against the gateway that runs. Changes nothing."""

from __future__ import annotations

import argparse

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.model.inputs import RunSettings
from helm_tyk_upgrade.verbs import flags


def add_arguments(parser: argparse.ArgumentParser) -> None:
    flags.add_release(parser)
    flags.add_proof(parser)
    flags.add_output(parser)


def run(args: argparse.Namespace, context: Context) -> int:
    from helm_tyk_upgrade.applying.proving import KEPT, result_of
    from helm_tyk_upgrade.applying.run import unknown
    from helm_tyk_upgrade.model.known import Known, Unknown
    from helm_tyk_upgrade.model.outcome import PodProof, StepStatus
    from helm_tyk_upgrade.planning.gateway_facts import version_in
    from helm_tyk_upgrade.planning.release import find_release
    from helm_tyk_upgrade.targets.proving import Expected
    from helm_tyk_upgrade.targets.release import ReleaseTarget
    from helm_tyk_upgrade.verbs.show import show_proof

    release = find_release(context.helm, context.namespace, args.release)
    stored = context.helm.stored(release.name, release.namespace)
    wanted = (
        Known(args.expect_version.removeprefix("v")) if args.expect_version else version_in(stored.manifest)
    )
    nothing = Unknown("verify has nothing to compare with")
    settings = RunSettings(
        proof_timeout=args.proof_timeout, consecutive=args.consecutive, interval=args.interval
    )
    target = ReleaseTarget(context, release)
    rollout = target.observe(stored.manifest)
    broken = target.broken_pods(rollout)
    apart = {proof.pod for proof in broken}
    proofs = target.prove(stored.manifest, Expected(wanted, nothing, nothing, settings), apart)
    # What the old pods held is a question of an upgrade; here there is nothing to compare with.
    proofs = broken + tuple(
        PodProof(proof.pod, tuple(verdict for verdict in proof.verdicts if verdict.check not in KEPT))
        for proof in proofs
    )
    result = result_of(proofs)
    if (
        result.status is StepStatus.DONE and not rollout.complete
    ):  # the pods of a half-done rollout prove half
        result = unknown(rollout.summary)
    show_proof(release, proofs, result, context, args.output)
    return {StepStatus.DONE: Exit.OK, StepStatus.FAILED: Exit.NOT_HEALTHY}.get(
        result.status, Exit.INCONCLUSIVE
    )
