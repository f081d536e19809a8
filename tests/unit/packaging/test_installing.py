"""Dependencies are installed once, for the target, whole or not at all."""

from __future__ import annotations

import importlib.util
import shutil
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from flowgen.diagnostics import Sink
from flowgen.packaging.installing import Installer, Site, run_program
from flowgen.packaging.requirements import Asked
from flowgen.packaging.target import Target
from tests.unit.packaging.index import Index, Wheel

TARGET = Target("python3.12", "arm64")


def site(index: Index, cache: Path, *lines: str, target: Target = TARGET, complete: bool = False) -> Site:
    sink = Sink()
    made = index.installer(cache).site(Asked(lines, complete=complete), target, cache.parent, sink)
    assert list(sink) == []
    assert made is not None
    return made


def names(found: Site) -> list[str]:
    return [one.name for one in found.distributions]


def test_once_for_the_same_requirements(tmp_path: Path) -> None:
    index, cache = Index(Wheel("a"), Wheel("b")), tmp_path / "cache"
    first = site(index, cache, "a")
    assert (site(index, cache, "a"), len(index.calls)) == (first, 1)
    assert index.said == ["installing 1 requirement for python3.12 on arm64"]
    others = [
        site(index, cache, "a", "b"),
        site(index, cache, "a", target=Target("python3.13", "arm64")),
        site(index, cache, "a", target=Target("python3.12", "x86_64")),
        site(index, cache, "a", complete=True),
    ]
    assert len({first.folder, *(one.folder for one in others)}) == len(index.calls) == 5
    assert (cache / ".gitignore").read_text() == "*\n"


def test_nothing_is_needed(tmp_path: Path) -> None:
    assert names(site(Index(), tmp_path / "cache")) == []
    assert list(tmp_path.iterdir()) == []


def test_pip_is_asked_for_the_target(tmp_path: Path) -> None:
    """Wheels only, no index named, nothing compiled: what pip is configured to holds."""
    index = Index(Wheel("a"))
    site(index, tmp_path / "cache", "a")
    [call] = index.calls
    text = " ".join(call)
    assert (call[:3], call[4]) == ([sys.executable, "-P", "-c"], "install")
    assert "--only-binary :all: --implementation cp --python-version 3.12 --platform manylinux_2_34_aarch64 " in text
    assert text.endswith("--platform manylinux2014_aarch64 --platform linux_aarch64")
    assert "index" not in text
    site(index, tmp_path / "cache", "a", complete=True)
    assert index.calls[-1][-1] == "--no-deps"


def test_markers_are_the_targets(tmp_path: Path) -> None:
    """Pip decides markers for this machine, here Windows: what the target needs besides is installed as well."""
    index = Index(
        Wheel("a", requires=("for-linux; sys_platform == 'linux'", "for-windows; sys_platform == 'win32'")),
        Wheel("for-linux", requires=("more; platform_machine == 'aarch64'",)),
        *(Wheel("for-windows"), Wheel("more")),
        host={"platform_machine": "AMD64"},
    )
    assert names(site(index, tmp_path / "cache", "a")) == ["a", "for-linux", "for-windows", "more"]
    assert len(index.calls) == 3


def test_requirements_without_end_are_reported(tmp_path: Path) -> None:
    wheels = [Wheel(f"a{number}", requires=(f"a{number + 1}; sys_platform == 'linux'",)) for number in range(9)]
    sink = Sink()
    made = Index(*wheels).installer(tmp_path / "cache").site(Asked(("a0",)), TARGET, tmp_path, sink)
    [told] = sink
    assert (made, told.code) == (None, "FG530")
    assert told.message == "cannot resolve the dependencies for python3.12 on arm64: still missing a5"


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    sink, cache = Sink(), tmp_path / "cache"
    assert Index().installer(cache).site(Asked(("a",)), TARGET, tmp_path, sink) is None
    [told] = sink
    assert told.code == "FG531"
    assert [path.name for path in cache.iterdir()] == [".gitignore"]


def test_what_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    index, cache = Index(Wheel("a")), tmp_path / "cache"

    def interrupted(command: Sequence[str], folder: Path) -> tuple[int, str]:
        index.run(command, folder)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Installer(cache, interrupted, print).site(Asked(("a",)), TARGET, tmp_path, Sink())
    assert [path.name for path in cache.iterdir()] == [".gitignore"]


@pytest.mark.parametrize("text", [None, "", "{}", '[{"name": "a"}]'])
def test_what_was_damaged_is_made_again(tmp_path: Path, text: str | None) -> None:
    index, cache = Index(Wheel("a")), tmp_path / "cache"
    kept = site(index, cache, "a")
    listed = kept.folder.parent / "index.json"
    if text is None:
        listed.unlink()
    else:
        listed.write_text(text)
    assert (site(index, cache, "a"), len(index.calls)) == (kept, 2)


def test_two_at_once(tmp_path: Path) -> None:
    """The one that is later takes what the first made."""
    index, cache = Index(Wheel("a")), tmp_path / "cache"

    def slow(command: Sequence[str], folder: Path) -> tuple[int, str]:
        site(index, cache, "a")
        return index.run(command, folder)

    sink = Sink()
    made = Installer(cache, slow, print).site(Asked(("a",)), TARGET, tmp_path, sink)
    assert made == site(index, cache, "a")
    assert sorted(path.name[:5] for path in cache.iterdir()) == sorted([".giti", made.folder.parent.name[:5]])


def test_without_pip_uv_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(shutil, "which", lambda _name: "/usr/bin/uv")
    index = Index(Wheel("a"))
    site(index, tmp_path / "cache", "a")
    assert index.calls[0][:3] == ["uv", "pip", "install"]
    assert index.calls[0][-4:] == ["--python-version", "3.12", "--python-platform", "aarch64-manylinux_2_34"]


def test_without_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    sink = Sink()
    assert Index().installer(tmp_path / "c").site(Asked(("a",)), TARGET, tmp_path, sink) is None
    assert [one.code for one in sink] == ["FG530"]


def test_a_program_is_run(tmp_path: Path) -> None:
    """Its status and all that it printed, without a way to ask back."""
    script = "import os, sys; print(os.getcwd(), sys.stdin.read() == ''); print('err', file=sys.stderr); sys.exit(3)"
    status, printed = run_program([sys.executable, "-c", script], tmp_path)
    assert (status, sorted(printed.split())) == (3, sorted([str(tmp_path.resolve()), "True", "err"]))


@pytest.mark.parametrize("line", ["{evil}", "evil @ file://{evil}", "-e {evil}", "nested"])
def test_pip_starts_no_program(tmp_path: Path, line: str) -> None:
    """Whatever reaches pip, by a line or by the metadata of a wheel, it builds nothing."""
    evil = tmp_path / "evil"
    evil.mkdir()
    done = tmp_path / "DONE"
    (evil / "setup.py").write_text(
        f"open({str(done)!r}, 'w').close()\nfrom setuptools import setup\nsetup(name='evil')\n"
    )
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with zipfile.ZipFile(wheels / "nested-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("nested.py", "")
        wheel.writestr("nested-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        requires = f"Requires-Dist: evil @ file://{evil}\n"
        wheel.writestr(
            "nested-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: nested\nVersion: 1.0\n{requires}"
        )
        wheel.writestr("nested-1.0.dist-info/RECORD", "")
    sink, asked = Sink(), Asked(("--no-index", f"--find-links {wheels}", line.format(evil=evil)))
    made = Installer(tmp_path / "cache", run_program, lambda _: None).site(asked, TARGET, tmp_path, sink)
    assert made is None
    assert not done.exists()
    [refused] = sink
    assert refused.code == "FG530"


def test_pip_is_not_a_module_of_the_project(tmp_path: Path) -> None:
    done = tmp_path / "DONE"
    for name in ("pip.py", "runpy.py", "os.py"):
        (tmp_path / name).write_text(f"open({str(done)!r}, 'w').close()\n")
    asked = Asked(("--no-index", "nothing-of-this-name"))
    sink = Sink()
    assert Installer(tmp_path / "cache", run_program, lambda _: None).site(asked, TARGET, tmp_path, sink) is None
    assert not done.exists()
    assert [one.code for one in sink] == ["FG531"]
