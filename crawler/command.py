"""What all commands of the collector share: one clear line for a clear error, and an exit code."""

from __future__ import annotations

import sys
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.errors import CollectorError

if TYPE_CHECKING:
    import argparse

OK, FAILED, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: all went well; something failed; the user's input is wrong; ended by Ctrl-C."""


def report_error(command: str, error: CollectorError) -> int:
    """Print `error` as one line on stderr; returns its exit code."""
    print(f"scrapy {command}: {error}", file=sys.stderr)  # noqa: T201 - this is how a command speaks
    return error.exit_code


class CollectorCommand(ScrapyCommand):
    """A command that needs no reactor: it works on the archive, the corpus and the seeds."""

    requires_project = True
    requires_crawler_process = False

    @property
    def output_dir(self) -> Path:
        """OUTPUT_DIR."""
        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        return Path(self.settings["OUTPUT_DIR"])

    @property
    def seeds_dir(self) -> Path:
        """SEEDS_DIR."""
        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        return Path(self.settings["SEEDS_DIR"])

    @abstractmethod
    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do the work and return the exit code; a CollectorError becomes one line on stderr."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Called by Scrapy."""
        name = type(self).__module__.rpartition(".")[2]
        unknown = [arg for arg in args if arg.startswith("-") and arg != "-"]
        if unknown:
            raise UsageError(f"unknown option {unknown[0]}; see scrapy {name} --help", print_help=False)
        try:
            self.exitcode = self.execute(args, opts)
        except CollectorError as error:
            self.exitcode = report_error(name, error)
        except KeyboardInterrupt:
            self.exitcode = INTERRUPTED
        except BrokenPipeError:  # `scrapy inspect | head` is no failure
            sys.stderr.close()
