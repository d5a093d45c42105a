"""`scrapy init DIR`: a folder to collect in, away from any checkout."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler import disk
from crawler.command import OK, CollectorCommand
from crawler.errors import OptionError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[1]
EXAMPLE_SITE = "baothainguyen"
ARCHIVE, CATALOGUE = "demo.warc.gz", "catalogue.toml"
CONFIG = b"[settings]\ndefault = crawler.settings\n"
NEXT = f"""\
{{enter}}scrapy collect --all -a archive=seeds/{ARCHIVE}   the example, without internet
      scrapy learn URL                                 a site of your own, from one of its articles
      scrapy collect --catalogue baohatinh             a paper that is known by name (seeds/catalogue.toml)"""


class Command(CollectorCommand):
    """Writes scrapy.cfg, a site as an example and the catalogue; what is there stays as it is."""

    requires_project = False

    def syntax(self) -> str:
        """Usage line."""
        return "DIR"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Make a folder to collect in: scrapy.cfg, seeds/ with an example site, .gitignore"

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:  # noqa: ARG002 - it has no option
        """Write the folder. Raises OptionError when one of the files is there, or cannot be written."""
        if len(args) != 1:
            raise UsageError("where? scrapy init DIR", print_help=False)
        folder = Path(args[0])
        files = dict(starting_files())
        if there := next((folder / name for name in files if (folder / name).exists()), None):
            raise OptionError(f"{there}: is there already; name a new folder")
        try:
            for name, content in files.items():
                disk.make_folders((folder / name).parent)
                disk.replace(folder / name, content)
        except OSError as error:
            raise OptionError(disk.describe(error)) from error
        print(f"written: {folder}/scrapy.cfg, {folder}/seeds ({EXAMPLE_SITE}, {ARCHIVE}, {CATALOGUE})")
        is_here = folder.resolve() == Path.cwd()
        print(NEXT.format(enter="next: " if is_here else f"next: cd {folder}\n      "))
        return OK


def starting_files() -> Iterator[tuple[str, bytes]]:
    """(path below the new folder, content) of all that `scrapy init` writes."""
    yield "scrapy.cfg", CONFIG
    yield ".gitignore", b"/output/\n"
    seeds = example_folder()
    for path in (*sorted((seeds / EXAMPLE_SITE).iterdir()), seeds / ARCHIVE, seeds / CATALOGUE):
        yield f"seeds/{path.relative_to(seeds)}", path.read_bytes()


def example_folder() -> Path:
    """`crawler/example` of the installed package (a wheel has it), `seeds` of a checkout."""
    packed = PACKAGE / "example"
    return packed if packed.is_dir() else PACKAGE.parent / "seeds"
