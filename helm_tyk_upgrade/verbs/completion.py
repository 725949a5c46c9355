"""`tyk-upgrade completion bash|zsh`: for the program outside Helm; inside, `helm completion` knows the plugin."""

from __future__ import annotations

import argparse
from importlib import import_module

from helm_tyk_upgrade.context import Context
from helm_tyk_upgrade.errors import Exit
from helm_tyk_upgrade.verbs import VERBS

_BASH = """# tyk-upgrade completion for bash: source <(tyk-upgrade completion bash)
_tyk_upgrade() {{
  local word=${{COMP_WORDS[COMP_CWORD]}}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "{verbs}" -- "$word"))
    return
  fi
  case ${{COMP_WORDS[1]}} in
{cases}
  esac
  [ ${{#COMPREPLY[@]}} -gt 0 ] || COMPREPLY=($(compgen -f -- "$word"))
}}
complete -F _tyk_upgrade tyk-upgrade
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("shell", choices=("bash", "zsh"))


def run(args: argparse.Namespace, context: Context) -> int:
    cases = "\n".join(
        f'    {verb}) COMPREPLY=($(compgen -W "{" ".join(flags_of(verb))}" -- "$word")) ;;' for verb in VERBS
    )
    script = _BASH.format(verbs=" ".join(VERBS), cases=cases)
    if args.shell == "zsh":
        script = "autoload -U +X bashcompinit && bashcompinit\n" + script
    context.out(script.rstrip())
    return Exit.OK


def flags_of(verb: str) -> list[str]:
    """The long flags of a command, sorted; flags without a help text of their own are left out."""
    parser = argparse.ArgumentParser(add_help=False)
    import_module(f"helm_tyk_upgrade.verbs.{verb}").add_arguments(parser)
    shown = [action for action in parser._actions if action.help is not argparse.SUPPRESS]
    return sorted(name for action in shown for name in action.option_strings if name.startswith("--"))
