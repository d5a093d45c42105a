from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest


@pytest.fixture
def output(tmp_path):
    """A folder on a memory disk where there is one: fsyncs are the point of these tests, not their cost."""
    memory = Path("/dev/shm")  # noqa: S108 - a folder of its own is made in it
    if not memory.is_dir():
        yield tmp_path / "output"
        return
    folder = Path(tempfile.mkdtemp(dir=memory))
    yield folder / "output"
    shutil.rmtree(folder, ignore_errors=True)
