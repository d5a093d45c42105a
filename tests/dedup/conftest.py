import shutil
import sqlite3
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path

import pytest


@pytest.fixture
def connect():
    """Opens connections as the state file's is; all are closed when the test ends."""
    with ExitStack() as opened:
        yield lambda path=":memory:": opened.enter_context(closing(sqlite3.connect(path, isolation_level=None)))


@pytest.fixture
def memory_disk(tmp_path):
    """A folder on a memory disk where there is one: fsyncs are the point of these tests, not their cost."""
    shm = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    if not shm.is_dir():
        yield tmp_path
        return
    folder = Path(tempfile.mkdtemp(dir=shm))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
