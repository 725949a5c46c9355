"""`values --translate FILE`: a tyk-oss values file out of one of tyk-headless."""

from __future__ import annotations

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit, UsageError


def translate_file(files: list[str], out: str, output: str, context: Context) -> int:
    """The new file on standard output (its secrets as fingerprints), or whole in `out`; the report beside it."""
    from helm_tyk_upgrade.planning.translating import read_translation, write_translation
    from helm_tyk_upgrade.report import translation as view

    if len(files) != 1 or files[0] == "-" or "://" in files[0]:
        raise UsageError(
            "--translate needs exactly one file", "put several together first: helm reads the last one last"
        )
    if output not in ("text", "json"):
        raise UsageError(f"--translate has no -o {output}", "text or json")
    found = read_translation(files[0], out)
    context.masker.learn_tree(found.values)
    if out:
        write_translation(found, out)
    if output == "json":
        context.out(view.as_json(found, out, context.masker))
        return Exit.OK
    report = view.as_text(found, out, context.masker, colour=context.color and bool(out), width=context.width)
    if out:
        context.out(report)
    else:  # the file alone goes to standard output
        context.out(view.masked_file(found, context.masker))
        context.say(report)
    return Exit.OK
