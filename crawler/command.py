"""What all commands of the collector share: one clear line for a clear error, and an exit code."""

from __future__ import annotations

import difflib
import secrets
import sys
from abc import abstractmethod
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError
from scrapy.utils.conf import arglist_to_dict

from crawler.errors import CollectorError, OptionError
from crawler.logformatter import one_line
from crawler.options import local_folder

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, NoReturn

    from crawler.dedup.relations import Thresholds

Use = Literal["", "reads", "changes", "erases"]
"""What a command does with the corpus as a whole."""
OK, FAILED, WRONG_USE, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143
"""Exit codes: all went well; something failed; the input is wrong; ended by Ctrl-C; cut off by a second SIGTERM."""


def report_error(command: str, error: CollectorError) -> int:
    """Print `error` as one line on stderr; returns its exit code."""
    print(f"scrapy {command}: {one_line(str(error))}", file=sys.stderr)  # noqa: T201 - this is how a command speaks
    return error.exit_code


def complain_in_one_line(parser: argparse.ArgumentParser, command: str) -> None:
    """Let `parser` answer wrong use with one line and exit code 2, without a page of usage before it."""

    def error(message: str) -> NoReturn:
        print(f"scrapy {command}: {one_line(message)}; see scrapy {command} --help", file=sys.stderr)  # noqa: T201 - as above
        raise SystemExit(WRONG_USE)

    parser.error = error  # type: ignore[method-assign]


def check_options(args: Iterable[str], pairs: Sequence[str]) -> None:
    """Raises UsageError for an option that does not exist, and for a misspelt setting or value of `-s`."""
    unknown = next((arg for arg in args if arg.startswith("-") and arg != "-"), None)
    if unknown:
        raise UsageError(f"unknown option {unknown}", print_help=False)
    for name, value in arglist_to_dict(list(pairs)).items():
        if problem := _setting_problem(name, value):
            raise UsageError(f"-s {name}={value}: {problem}", print_help=False)


def _setting_problem(name: str, value: str) -> str | None:
    """Why a setting cannot be used. Unknown names that resemble no known one pass: a spider may have its own."""
    from scrapy.settings import default_settings

    from crawler import settings as own_settings

    usual = {**vars(default_settings), **vars(own_settings)}
    if name in usual:
        return _value_problem(value, usual[name])
    near = difflib.get_close_matches(name, [key for key in usual if key.isupper()], n=1, cutoff=0.8)
    return f"no such setting; did you mean {near[0]}?" if near else None


def _value_problem(value: str, usual: Any) -> str | None:
    if isinstance(usual, bool):
        return None if value.lower() in {"0", "1", "true", "false"} else "must be True or False"
    if isinstance(usual, int | float):
        try:
            number = float(value)
        except ValueError:
            return "must be a number"
        if isinstance(usual, int) and number != int(number):
            return "must be a whole number"
    return None


def spider_arguments(pairs: Sequence[str]) -> dict[str, str]:
    """The arguments of `-a NAME=VALUE`. Raises UsageError for one without a value."""
    try:
        return arglist_to_dict(list(pairs))
    except ValueError:
        wrong = next(pair for pair in pairs if "=" not in pair)
        raise UsageError(f"-a {wrong}: give it a value, -a {wrong}=VALUE", print_help=False) from None


def run_name(kind: str) -> str:
    """Name of a run that is no crawl: what it does, when, and what tells it from others."""
    return f"{kind}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"


class CollectorCommand(ScrapyCommand):
    """A command that needs no reactor: it works on the archive, the corpus and the seeds."""

    requires_project = True
    requires_crawler_process = False
    use: Use = ""
    """What the command does with the corpus when OUTPUT says that it is published."""

    @property
    def name(self) -> str:
        """What is typed after `scrapy`."""
        return type(self).__module__.rpartition(".")[2]

    @property
    def output_dir(self) -> Path:
        """OUTPUT_DIR."""
        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        return local_folder(self.settings["OUTPUT_DIR"])

    @property
    def seeds_dir(self) -> Path:
        """SEEDS_DIR."""
        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        return Path(self.settings["SEEDS_DIR"])

    def thresholds(self) -> Thresholds:
        """DEDUP over the defaults. Raises OptionError for a field that does not exist."""
        from crawler.dedup.relations import Thresholds

        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        try:
            return Thresholds(**self.settings.getdict("DEDUP"))
        except TypeError as error:
            raise OptionError(f"DEDUP: {error}; docs/deduplication.md lists its fields") from error

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Scrapy's global options."""
        complain_in_one_line(parser, self.name)
        super().add_options(parser)

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        """Called by Scrapy before `run`."""
        super().process_options(args, opts)
        check_options(args, opts.set)

    def corpus_use(self, opts: argparse.Namespace) -> Use:
        """`use`, or what the options make of it."""
        del opts
        return self.use

    @contextmanager
    def published(self, opts: argparse.Namespace) -> Iterator[None]:
        """Bring in what is published at OUTPUT before the block; publish what it changed after it."""
        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        use = self.corpus_use(opts) if self.settings["OUTPUT"] else ""
        if not use:
            yield
            return
        from crawler.publishing.sharing import Access, bring_in, changing

        retry = self.settings.getfloat("STORAGE_RETRY_SECONDS")
        lease = self.settings.getfloat("STORAGE_LEASE_SECONDS")
        access = Access(self.output_dir, self.settings["OUTPUT"], retry, lease, run_name(self.name))
        if use == "reads":
            bring_in(access)
            yield
        else:
            with changing(access, is_erasing=use == "erases"):
                yield

    @abstractmethod
    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Do the work and return the exit code; a CollectorError becomes one line on stderr."""

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        """Called by Scrapy."""
        try:
            with self.published(opts):
                self.exitcode = self.execute(args, opts)
        except CollectorError as error:
            self.exitcode = report_error(self.name, error)
        except KeyboardInterrupt:
            print(f"scrapy {self.name}: ended by Ctrl-C; nothing is left half done", file=sys.stderr)  # noqa: T201 - as above
            self.exitcode = INTERRUPTED
        except BrokenPipeError:  # `scrapy inspect | head` is no failure
            sys.stderr.close()
