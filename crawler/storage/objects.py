"""Objects: what a bucket below one address holds. One client for S3, Google, Azure and folders: obstore."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from crawler import disk
from crawler.errors import OptionError, StorageError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from datetime import datetime

SCHEMES = ("s3", "gs", "az", "file")
"""Kinds of storage that can make an object only if there is none of its name: what a commit needs."""
READ_SCHEMES = (*SCHEMES, "http", "https")
RETRY_SECONDS = 60.0
"""How long a request is repeated when the storage answers 5xx, 429 or not at all."""
REQUEST_SECONDS = 30.0
"""How long one of its attempts may take."""
MAX_RETRIES = 8
_DOWNLOAD_BYTES = 8 << 20
"""Read at a time, so that memory is bounded and an attempt ends within REQUEST_SECONDS."""
_URL = re.compile(r"([a-z][a-z0-9]*)://(.+)")
_CODES = (re.compile(r"<Code>(\w{1,80})</Code>"), re.compile(r"status code: (\d{3}[ \w]{0,40})"))
_ADVICE = {
    "NoSuchBucket": "there is no such bucket; make it, or correct OUTPUT",
    "PermissionDenied": "access refused; check the credentials (docs/storage.md) and what they may do in this bucket",
    "Unauthenticated": "the credentials are not accepted; docs/storage.md says where they are read",
}


class Found(NamedTuple):
    """An object of a listing."""

    key: str
    size: int
    modified_at: datetime


class Head(NamedTuple):
    """What is told of an object without its content."""

    size: int
    etag: str
    """Changes with the content; empty where the storage has none."""


class Objects:
    """Objects by their keys, relative to `url`. All methods raise StorageError, one line with address and advice."""

    def __init__(self, url: str, *, retry_seconds: float = RETRY_SECONDS, is_read_only: bool = False) -> None:
        """Raises OptionError for an address that cannot be used, or when the client is not installed."""
        check_url(url, READ_SCHEMES if is_read_only else SCHEMES)
        self.url = url.rstrip("/")
        try:
            import obstore
        except ImportError:
            raise OptionError(f"{url}: needs the extra: pip install 'news-corpus-collector[cloud]'") from None
        self._client = obstore
        with self._plain(""):
            self._store = _open(self.url, retry_seconds)

    def put(self, key: str, data: bytes) -> None:
        """Make an object, or replace it."""
        with self._plain(key):
            self._client.put(self._store, key, data)

    def create(self, key: str, data: bytes) -> bool:
        """Make an object if there is none of this name; False when there is one with other content.

        One with the same content is our own: the answer to an earlier attempt was lost.
        """
        try:
            with self._plain(key):
                self._client.put(self._store, key, data, mode="create")
        except _TakenError:
            return self.get(key) == data
        return True

    def get(self, key: str) -> bytes:
        """A whole object. Raises MissingError, a StorageError, when there is none."""
        with self._plain(key):
            return bytes(self._client.get(self._store, key).bytes())

    def get_range(self, key: str, start: int, length: int) -> bytes:
        """`length` bytes from `start` on."""
        with self._plain(key):
            return bytes(self._client.get_range(self._store, key, start=start, length=length))

    def head(self, key: str) -> Head:
        """Raises MissingError when there is no such object."""
        with self._plain(key):
            found = self._client.head(self._store, key)
        return Head(int(found["size"]), str(found["e_tag"] or ""))

    def list(self, prefix: str, after: str = "") -> Iterator[Found]:
        """Objects below the folder `prefix` in the order of their keys, those behind `after` only."""
        with self._plain(prefix):
            found = [
                Found(one["path"], int(one["size"]), one["last_modified"])
                for page in self._client.list(self._store, prefix, offset=after or None)
                for one in page
            ]
        yield from sorted(found)

    def delete(self, keys: Collection[str]) -> None:
        """Remove objects; one that is gone already is no error."""
        for key in keys:
            try:
                with self._plain(key):
                    self._client.delete(self._store, key)
            except MissingError:
                continue

    def pieces(self, key: str, size: int) -> Iterator[bytes]:
        """An object of `size` bytes, some MiB at a time."""
        for start in range(0, size, _DOWNLOAD_BYTES):
            yield self.get_range(key, start, min(_DOWNLOAD_BYTES, size - start))

    def address(self, key: str) -> str:
        """What other programs call the object."""
        return f"{self.url}/{key}"

    @contextmanager
    def _plain(self, key: str) -> Iterator[None]:
        """The client's errors as one line each."""
        from obstore import exceptions

        where = self.address(key) if key else self.url
        try:
            yield
        except exceptions.AlreadyExistsError:
            raise _TakenError(where) from None
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise StorageError(f"{where}: {_advice(error)}") from None
            raise MissingError(f"{where}: no such object") from None
        except (exceptions.BaseError, OSError, ValueError) as error:
            raise StorageError(f"{where}: {_advice(error)}") from None


class MissingError(StorageError):
    """Raised for an object that is not there."""


class _TakenError(StorageError):
    """Raised for an object that should be new and is there."""


def check_url(url: str, schemes: Sequence[str] = SCHEMES) -> None:
    """Raises OptionError for an address that is no storage where a corpus can be committed."""
    found = _URL.fullmatch(url)
    if found is None:
        raise OptionError(f"{url}: no address of a storage, such as s3://bucket/prefix")
    if found[1] == "hf":
        advice = "collect into OUTPUT_DIR and `hf upload` its articles/ (docs/storage.md)"
        raise OptionError(f"{url}: a Hugging Face repository has no commit of ours; {advice}")
    if found[1] not in schemes:
        raise OptionError(f"{url}: {found[1]}:// is not known; known: {', '.join(schemes)}")


def is_url(text: str) -> bool:
    """Whether `text` is the address of an object or a storage, no path."""
    return _URL.fullmatch(text) is not None


def _open(url: str, retry_seconds: float) -> Any:
    from obstore.store import LocalStore, from_url

    retry = {
        "max_retries": MAX_RETRIES,
        "retry_timeout": timedelta(seconds=retry_seconds),
        "backoff": {
            "init_backoff": timedelta(milliseconds=200),
            "max_backoff": timedelta(seconds=min(15.0, retry_seconds)),
            "base": 2,
        },
    }
    if url.startswith("file://"):
        folder = Path(unquote(urlsplit(url).path))
        disk.make_folders(folder)
        return LocalStore(folder)
    # an endpoint that the user gave without TLS (a server of their own) is meant so; there is none by default
    options: Any = {"timeout": f"{REQUEST_SECONDS:.0f}s", "allow_http": True}
    return from_url(url, client_options=options, retry_config=retry)  # type: ignore[call-overload]


def _advice(error: Exception) -> str:
    text = str(error).partition("\n\nDebug source")[0]
    name = type(error).__name__.removesuffix("Error")
    codes = [found[1] for found in (pattern.search(text) for pattern in _CODES) if found]
    code = codes[0] if codes else ""
    if "403 Forbidden" in codes:
        name = "PermissionDenied"
    elif "401 Unauthorized" in codes:
        name = "Unauthenticated"
    for known in (code, name):
        if known in _ADVICE:
            return f"{_ADVICE[known]}{f' ({code})' if code else ''}"
    if "error sending request" in text or "operation timed out" in text or "retries" in text:
        return f"does not answer ({code or 'no connection'}); nothing is lost: the next run goes on where this one was"
    return " ".join(text.split())[:300]
