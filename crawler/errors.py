"""Everything the collector raises on purpose.

    CollectorError
    ├── ProfileError        a profile.toml, seed or gold file cannot be used
    ├── OptionError         a setting, an argument or a file named on the command line cannot be used
    ├── ArchiveError        a WARC file cannot be read or written
    │   ├── RefusedError    this exchange cannot be archived; the next one can
    │   ├── TooLargeError   a body unpacks to more than is allowed
    │   └── TruncatedError  a body ends before it should
    ├── CorpusError         the Parquet corpus or its state disagree or cannot be opened
    │   ├── DamagedError    the state file is damaged
    │   ├── LockedError     another process writes here
    │   └── FencedError     this process was taken for dead and another one took over
    ├── StorageError        the object storage does not answer, or refuses
    ├── LearningError       a seed and its page cannot be brought together
    └── InternalError       the program, or a site's own spider, has a fault

The message of each is one line that names the file, field or URL and what to do.
"""

from __future__ import annotations


class CollectorError(Exception):
    """Base of all: commands print it as one line and exit with `exit_code`."""

    exit_code = 1


class ProfileError(CollectorError):
    """Raised by `crawler.sites`: the user's input is wrong, nothing was started."""

    exit_code = 2


class OptionError(CollectorError):
    """Raised for what stands on the command line: the user's input is wrong, nothing was started."""

    exit_code = 2


class ArchiveError(CollectorError):
    """Raised by `crawler.archive` for a WARC file that is missing, damaged or full."""


class RefusedError(ArchiveError):
    """Raised for an exchange that is no HTTP or too large to archive; nothing of it was written."""


class TooLargeError(ArchiveError):
    """Raised for a body above the size that was asked for; nothing above it was unpacked."""


class TruncatedError(ArchiveError):
    """Raised for a compressed body whose end is missing."""


class CorpusError(CollectorError):
    """Raised by `crawler.corpus` and `crawler.state` when what is on disk does not add up."""


class DamagedError(CorpusError):
    """Raised when SQLite finds the state file damaged; a crawl makes it anew from archive and corpus."""


class LockedError(CorpusError):
    """Raised when another process already writes to this site or corpus."""


class FencedError(CorpusError):
    """Raised when a newer process has taken this one's place; nothing was written."""


class StorageError(CollectorError):
    """Raised by `crawler.storage`; what was collected lies in the working folder, and the next run publishes it."""


class LearningError(CollectorError):
    """Raised by `crawler.learning` when a seed teaches nothing; no file was changed."""


class InternalError(CollectorError):
    """What a run ends with when something raised that nobody expected: a fault is no crawl that found nothing."""

    def __init__(self, site: str, error: Exception) -> None:
        super().__init__(f"{site}: internal error ({type(error).__name__}: {error}); run with -L ERROR to see where")
