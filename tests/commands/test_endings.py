"""How commands end: with an exit code, and with one line where nobody would know else."""

from argparse import Namespace

import pytest
from scrapy.settings import Settings

from crawler.command import CollectorCommand
from crawler.errors import CorpusError


class Ended(CollectorCommand):
    """Ends as it is told to."""

    def short_desc(self):
        return "End"

    def execute(self, _args, opts):
        raise opts.by


@pytest.mark.parametrize(
    ("by", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "scrapy test_endings: ended by Ctrl-C; nothing is left half done\n"),
        (CorpusError("out: no corpus"), 1, "scrapy test_endings: out: no corpus\n"),
    ],
)
def test_one_line_and_a_code(capsys, by, code, said):
    command = Ended()
    command.settings = Settings({"OUTPUT": ""})
    command.run([], Namespace(by=by))
    assert (command.exitcode, *capsys.readouterr()) == (code, "", said)
