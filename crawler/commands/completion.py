"""`scrapy completion SHELL`: completion of commands, options and sites for bash, zsh and fish."""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy.exceptions import UsageError

from crawler.command import OK, CollectorCommand
from crawler.completing import SITE

if TYPE_CHECKING:
    from scrapy.commands import ScrapyCommand

ROOT = Path(__file__).parents[2]
_CODE = "import sys; sys.path.insert(0, sys.argv.pop(1)); from crawler.completing import main; main()"
_SCRIPTS = {
    "bash": """\
_scrapy_table={table}
_scrapy() {{
  local word
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
    {call} bash "$_scrapy_table" "${{COMP_WORDS[@]:1:COMP_CWORD}}" 2>/dev/null
  )
}}
complete -o default -F _scrapy scrapy
""",
    "zsh": """\
(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit }}
_scrapy_table={table}
_scrapy() {{
  local -a found
  local line
  while IFS= read -r line; do found+=("$line"); done < <(
    {call} zsh "$_scrapy_table" "${{(@)words[2,CURRENT]}}" 2>/dev/null
  )
  if (( $#found )); then _describe scrapy found; else _files; fi
}}
compdef _scrapy scrapy
""",
    "fish": """\
set -g __scrapy_table {table}
function __scrapy_complete
  set -l typed (commandline -opc)
  set -l current (commandline -ct)
  {call} fish "$__scrapy_table" $typed[2..-1] "$current" 2>/dev/null
end
complete -c scrapy -a '(__scrapy_complete)'
""",
}


class Command(CollectorCommand):
    """Prints a script for a shell's start-up file."""

    requires_project = False

    def syntax(self) -> str:
        """Usage line."""
        return f"{{{'|'.join(_SCRIPTS)}}}"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Print what lets a shell complete commands, options and sites"

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:  # noqa: ARG002 - it has no option
        """Print it."""
        if len(args) != 1 or args[0] not in _SCRIPTS:
            raise UsageError(f"for which shell? {', '.join(_SCRIPTS)}", print_help=False)
        call = shlex.join([sys.executable, "-P", "-X", "utf8", "-c", _CODE, str(ROOT)])
        table = shlex.quote(json.dumps(self.table(has_help=args[0] != "bash"), separators=(",", ":")))
        print(_SCRIPTS[args[0]].format(call=call, table=table), end="")
        return OK

    def table(self, *, has_help: bool) -> dict[str, dict[str, Any]]:
        """What each command says of itself, ours and Scrapy's."""
        from scrapy.cmdline import _get_commands_dict  # it has no public list

        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        commands = _get_commands_dict(self.settings, inproject=True)
        for command in commands.values():
            command.settings = self.settings
        return {name: _row(command, has_help=has_help) for name, command in sorted(commands.items())}


def _row(command: ScrapyCommand, *, has_help: bool) -> dict[str, Any]:
    parser = argparse.ArgumentParser(conflict_handler="resolve")
    command.add_options(parser)
    actions = [(name, one) for one in parser._actions for name in one.option_strings]  # noqa: SLF001 - argparse does not tell them otherwise
    usage = command.syntax().replace("<spider>", SITE)
    verbs = re.match(r"\{([\w|]+)\}", usage)
    return {
        "about": command.short_desc() if has_help else "",
        "options": {name: _option(action, has_help=has_help) for name, action in actions},
        "words": verbs[1].split("|") if verbs else [],
        "has_sites": re.search(rf"\b{SITE}\b", usage.partition("--")[0]) is not None,
    }


def _option(action: argparse.Action, *, has_help: bool) -> dict[str, Any]:
    takes = "" if action.nargs == 0 else str(action.metavar or action.dest)
    return {"takes": takes, "choices": list(action.choices or ()), "help": (has_help and action.help) or ""}
