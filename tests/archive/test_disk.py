from __future__ import annotations

import errno
import sys
from typing import TYPE_CHECKING

import pytest

from crawler import disk

if TYPE_CHECKING:
    from pathlib import Path


class Fault:
    """Counts steps and does `act` at step number `at`."""

    def __init__(self, at: int = 0, act: BaseException | int | None = None) -> None:
        self.at, self.act = at, act
        self.steps: list[tuple[str, str]] = []

    def __call__(self, step: str, path: Path, /) -> int | None:
        self.steps.append((step, path.name))
        if len(self.steps) != self.at:
            return None
        if isinstance(self.act, BaseException):
            raise self.act
        return self.act


class Crash(BaseException):
    """The process ends here."""


def test_every_step_passes_the_hook(tmp_path):
    fault = Fault()
    with disk.hooked(fault):
        disk.make_folders(tmp_path / "a" / "b")
        with disk.create(tmp_path / "a" / "x") as file:
            file.write(b"one")
            file.truncate(1)
            file.sync()
        with disk.append(tmp_path / "a" / "x") as file:
            file.write(b"two")
        disk.rename(tmp_path / "a" / "x", tmp_path / "a" / "y")
        assert disk.exchange(tmp_path / "a" / "y", tmp_path / "a" / "b") in {True, False}
        disk.sync_folder(tmp_path / "a")
        disk.unlink(next(path for path in (tmp_path / "a").iterdir() if path.is_file()))
    assert {step for step, _ in fault.steps} == set(disk.STEPS)
    assert fault.steps[:4] == [
        ("make_folder", "a"),
        ("fsync_folder", tmp_path.name),
        ("make_folder", "b"),
        ("fsync_folder", "a"),
    ]
    assert disk.hook is None


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such step")
def test_two_folders_change_places_at_once(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / f"of-{name}").touch()
    if not disk.exchange(tmp_path / "a", tmp_path / "b"):
        pytest.skip("this file system has no such step")
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["of-b"]
    assert [path.name for path in (tmp_path / "b").iterdir()] == ["of-a"]
    with pytest.raises(FileNotFoundError, match="of-nobody"):
        disk.exchange(tmp_path / "of-nobody", tmp_path / "a")


def test_append_writes_at_the_end_even_after_a_cut(tmp_path):
    with disk.create(tmp_path / "x") as file:
        file.write(b"abcdef")
        file.truncate(3)
        file.write(b"Z")
        assert file.tell() == 4
    with disk.append(tmp_path / "x") as file:
        file.write(b"!")
    assert (tmp_path / "x").read_bytes() == b"abcZ!"


def test_create_refuses_what_exists_and_append_what_does_not(tmp_path):
    disk.create(tmp_path / "x").close()
    with pytest.raises(FileExistsError):
        disk.create(tmp_path / "x")
    with pytest.raises(FileNotFoundError):
        disk.append(tmp_path / "y")


def test_a_short_write_is_continued(tmp_path):
    fault = Fault(at=2, act=3)
    with disk.hooked(fault), disk.create(tmp_path / "x") as file:
        assert file.write(b"abcdef") == 6
    assert (tmp_path / "x").read_bytes() == b"abcdef"
    assert [step for step, _ in fault.steps] == ["create", "write", "write"]


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EDQUOT])
def test_an_error_names_the_file_and_says_what_to_do(tmp_path, code):
    error = OSError(code, "raw reason")
    with disk.hooked(Fault(at=2, act=error)), disk.create(tmp_path / "x") as file, pytest.raises(OSError) as caught:  # noqa: PT011 - the code is checked below
        file.write(b"abc")
    assert caught.value.errno == code
    line = disk.describe(caught.value)
    assert line.startswith(str(tmp_path / "x"))
    assert "again" in line
    assert "\n" not in line


@pytest.mark.parametrize("at", range(1, 6))
def test_replace_leaves_the_old_or_the_new_file_at_every_crash(tmp_path, at):
    path = tmp_path / "state.json"
    disk.replace(path, b"old")
    fault = Fault(at=at, act=Crash())
    with disk.hooked(fault), pytest.raises(Crash):
        disk.replace(path, b"new")
    assert path.read_bytes() == (b"new" if fault.steps[-1][0] == "fsync_folder" else b"old")
    disk.replace(path, b"newer")
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


def test_replace_on_a_full_disk_keeps_the_old_file_and_no_draft(tmp_path):
    path = tmp_path / "state.json"
    disk.replace(path, b"old")
    with disk.hooked(Fault(at=3, act=OSError(errno.ENOSPC, "full"))), pytest.raises(OSError, match="full"):
        disk.replace(path, b"new")
    assert [(entry.name, entry.read_bytes()) for entry in tmp_path.iterdir()] == [("state.json", b"old")]


def test_replace_syncs_the_file_before_the_rename_and_the_folder_after(tmp_path):
    fault = Fault()
    with disk.hooked(fault):
        disk.replace(tmp_path / "x", b"1")
    assert [step for step, _ in fault.steps] == ["unlink", "create", "write", "fsync", "rename", "fsync_folder"]
