"""A zip is the same to the byte, whatever the machine was like that made it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from flowgen.packaging.distributions import file_at
from flowgen.packaging.zips import ChangedError, Zip, zip_bytes

FILES = {"shop/__init__.py": "", "shop/b.py": "b" * 1000, "shop/a.py": "é", "run.sh": "#!/bin/sh\n", "x": "x"}


def made_of(folder: Path, names: list[str]) -> Zip:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(FILES[name], "utf-8")
        path.chmod(0o700 if name.endswith(".sh") else 0o600)
    files = tuple(file_at(folder / name, name) for name in names)
    return Zip("flow", "work", files, {name: folder / name for name in names})


def test_the_same_bytes(tmp_path: Path) -> None:
    """Whatever the folder, the order, the times and the rights of others."""
    one = made_of(tmp_path / "one", list(FILES))
    before = os.umask(0o077)
    try:
        other = made_of(tmp_path / "two" / "deep", list(reversed(FILES)))
    finally:
        os.umask(before)
    for name in FILES:
        os.utime(tmp_path / "two" / "deep" / name, (1, 1))
        (tmp_path / "one" / name).chmod(0o777 if name.endswith(".sh") else 0o666)
    assert one.digest == other.digest
    assert one.file_name == f"flow-work-{one.digest[:16]}.zip"
    assert zip_bytes(one) == zip_bytes(other)


def test_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    """Whatever the hash seed and the time zone."""
    script = (
        "import sys, hashlib; from pathlib import Path\n"
        "from tests.unit.packaging.test_zips import FILES, made_of, zip_bytes\n"
        "print(hashlib.sha256(zip_bytes(made_of(Path(sys.argv[1]), sorted(set(FILES), key=hash)))).hexdigest())\n"
    )
    root = str(Path(__file__).resolve().parents[3])
    printed = {
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / seed)],
            env={"PYTHONPATH": root, "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert len(printed) == 1


def test_what_is_in_it(tmp_path: Path) -> None:
    """Sorted, with the earliest date, plain modes, and only files."""
    with zipfile.ZipFile(BytesIO(zip_bytes(made_of(tmp_path, list(FILES))))) as archive:
        assert [info.filename for info in archive.infolist()] == sorted(FILES)
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
        assert {name: archive.read(name).decode() for name in FILES} == FILES
    assert modes == {name: stat.S_IFREG | (0o755 if name == "run.sh" else 0o644) for name in FILES}


@pytest.mark.parametrize("change", ["text", "name", "mode"])
def test_the_digest_is_of_all_that_counts(tmp_path: Path, change: str) -> None:
    before = made_of(tmp_path, ["shop/a.py", "x"])
    if change == "text":
        (tmp_path / "x").write_text("y")
    elif change == "mode":
        (tmp_path / "x").chmod(0o755)
    places = {"shop/a.py": "shop/a.py", "x": "z" if change == "name" else "x"}
    files = tuple(file_at(tmp_path / name, place) for name, place in places.items())
    assert Zip("flow", "work", files, {}).digest != before.digest


def test_a_file_that_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    made = made_of(tmp_path, ["x"])
    (tmp_path / "x").write_text("y")
    with pytest.raises(ChangedError):
        zip_bytes(made)


def test_sizes(tmp_path: Path) -> None:
    assert made_of(tmp_path, ["shop/a.py", "x"]).size == 3


def test_a_name_is_of_modules_and_not_of_how_they_were_compiled(tmp_path: Path) -> None:
    """Another patch release of Python deploys nothing; bytecode that is there or not, or for another Python, does."""

    def named(bytecode: str, **files: str) -> str:
        folder = tmp_path / bytecode / str(len(files))
        (folder / "__pycache__").mkdir(parents=True, exist_ok=True)
        contents = {"a.py": "x = 1", "b.py": "", **{f"__pycache__/{name}.pyc": text for name, text in files.items()}}
        for place, text in contents.items():
            (folder / place).write_text(text)
        found = tuple(file_at(folder / place, place) for place in contents)
        return Zip("flow", "work", found, {place: folder / place for place in contents}).file_name

    first = named("first", **{"a.cpython-313": "one", "b.cpython-313": "two"})
    assert first == named("second", **{"a.cpython-313": "three", "b.cpython-313": "four"})
    others = [named("third"), named("fourth", **{"a.cpython-312": "one"}), named("fifth", **{"a.cpython-313": "one"})]
    assert len({first, *others}) == 4
