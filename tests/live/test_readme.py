"""Every `helm tyk-upgrade` line of README.md, run as it stands (plus the answer yes) on a real release."""

from __future__ import annotations

from tests.live.conftest import NewSite
from tests.live.harness import FAST
from tests.readme import plugin_commands

ORDER = (
    "upgrade --version 5.3.0",
    "upgrade --version 5.3.0 --gateway-version",
    "plan --out",
    "apply",
    "plan",
    "values --from",
    "values --translate",
    "",
    "verify",
    "rollback",
)
"""An order in which each makes sense: from the release as installed to the newest, and one step back."""
CHANGES_PENDING = {"plan --out": 2}


def test_each_command_of_the_readme_works(new_site: NewSite) -> None:
    site = new_site("readme")
    site.install("4.0.0", site.world.values())
    (site.folder / "legacy.yaml").write_text("gateway:\n  replicaCount: 2\nredis:\n  addrs: [redis:6379]\n")
    shown = [(kind(words), words) for words in plugin_commands()]
    assert {key for key, _ in shown} == set(ORDER)
    for key, words in sorted(shown, key=lambda item: ORDER.index(item[0])):
        own = [
            site.namespace if before == "-n" else word
            for before, word in zip(["", *words], words, strict=False)
        ]
        done = site.run(*(["upgrade", "--yes"] if not key else own[:1]), *own[bool(key) :], *extra(key))
        assert done.code == CHANGES_PENDING.get(key, 0), f"{' '.join(words)}\n{done}"


def kind(words: list[str]) -> str:
    """The entry of ORDER that a command is: its verb, and the longest match of flags."""
    text = " ".join(words)
    verb = words[0] if not words[0].startswith("-") else ""
    fitting = [key for key in ORDER if key.partition(" ")[0] == verb and set(key.split()[1:]) <= set(words)]
    assert fitting, f"README.md shows a command that this test does not know: {text}"
    return max(fitting, key=len)


def extra(key: str) -> tuple[str, ...]:
    """Short waits, and yes where the README leaves it to the reader."""
    if key.startswith("upgrade"):
        return ("--yes", *FAST)
    return FAST if key in ("", "apply", "rollback") else ()
