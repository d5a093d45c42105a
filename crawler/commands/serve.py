"""`scrapy serve`: the corpus in a browser."""

from __future__ import annotations

import ipaddress
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy.exceptions import UsageError

from crawler.command import OK, CollectorCommand
from crawler.errors import OptionError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from crawler.scheduling.planning import Planner
    from crawler.sites.profile import SiteProfile
    from crawler.viewer.desk import Desk

MIN_TOKEN = 16
"""Characters of a token that a person chose."""


class Command(CollectorCommand):
    """Pages for a person at this machine; for others only with a token."""

    use = "reads"

    def short_desc(self) -> str:
        """One line for `scrapy --help`."""
        return "Search, read, judge and mend the corpus in a browser, and watch crawls"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Options of this command."""
        super().add_options(parser)
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on; any but this machine's own "
                            "needs --token (127.0.0.1)")  # fmt: skip
        parser.add_argument("--port", type=int, default=8765, help="port; 0: any that is free (8765)")
        parser.add_argument("--token", nargs="?", const="", metavar="WORD",
                            help="what visitors must know; without WORD one is made and printed")  # fmt: skip
        parser.add_argument("--quiet", action="store_true", help="print the address (and the token) alone")

    def execute(self, args: list[str], opts: argparse.Namespace) -> int:
        """Serve until Ctrl-C."""
        if args:
            raise UsageError(f"{args[0]}: serve takes no argument", print_help=False)
        try:
            import uvicorn

            from crawler.viewer.app import make_app
        except ModuleNotFoundError as error:
            raise OptionError(
                f"{error.name} is missing; install it: pip install 'news-corpus-collector[web]'"
            ) from None
        token = _token(opts)
        app = make_app(self._desk(is_quiet=opts.quiet), host=opts.host, token=token, settings=self._settings(opts))
        config = uvicorn.Config(app, host=opts.host, port=opts.port, log_level="warning", server_header=False,
                                proxy_headers=False, timeout_graceful_shutdown=3)  # fmt: skip
        try:
            listener = config.bind_socket()
        except SystemExit:
            raise OptionError(f"{opts.host}:{opts.port}: cannot listen there; another --port may be free") from None
        with listener:
            name = f"[{opts.host}]" if ":" in opts.host else opts.host
            print(f"http://{name}:{listener.getsockname()[1]}/", flush=True)
            if token:
                print(f"token: {token}", flush=True)
            if not opts.quiet:
                print("Ctrl-C ends it", file=sys.stderr)
            uvicorn.Server(config).run(sockets=[listener])
        return OK

    def _desk(self, *, is_quiet: bool) -> Desk:
        from crawler.inspection.zones import TIME_ZONE
        from crawler.refinement.thresholds import Thresholds
        from crawler.viewer.desk import Desk

        quality = Thresholds.from_settings(dict(self.settings or {}))
        return Desk(self.output_dir, self.seeds_dir, TIME_ZONE, self._planner, quality, is_quiet=is_quiet)

    def _planner(self, profiles: Mapping[str, SiteProfile]) -> Planner:
        from crawler.scheduling.planning import Planner, scheduled_sites
        from crawler.scheduling.rates import corpus_rates

        assert self.settings is not None  # noqa: S101 - Scrapy sets it before run()
        return Planner(
            scheduled_sites(profiles),
            spread_seconds=self.settings.getint("SCHEDULE_SPREAD"),
            rates=lambda site: corpus_rates(self.output_dir, site.key, site.zone, datetime.now(UTC)),
            n_articles=self.settings.getfloat("SCHEDULE_ARTICLES"),
        )

    def _settings(self, opts: argparse.Namespace) -> tuple[str, ...]:
        """For crawls that are started from the pages: the folders of this server, and what was given with -s."""
        return (f"OUTPUT_DIR={self.output_dir}", f"SEEDS_DIR={self.seeds_dir}", *opts.set)


def _token(opts: argparse.Namespace) -> str | None:
    """The token to ask for. Raises OptionError where one is needed, or too short."""
    from crawler.viewer.guard import new_secret

    if opts.token is None and not _is_own(opts.host):
        raise OptionError(f"--host {opts.host}: others can reach that; give --token as well")
    if opts.token and (len(opts.token) < MIN_TOKEN or not opts.token.isascii() or not opts.token.isalnum()):
        raise OptionError(f"--token: {MIN_TOKEN} letters and digits or more; --token alone makes one")
    return new_secret() if opts.token == "" else opts.token


def _is_own(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
