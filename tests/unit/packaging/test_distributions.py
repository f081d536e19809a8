"""What is installed, and which of it some code needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowgen.packaging import distributions
from flowgen.packaging.distributions import Distribution, File, from_json, installed, lacking, pins, reached, to_json
from flowgen.packaging.target import Target
from tests.unit.packaging.index import Wheel

TARGET = Target("python3.12", "arm64")


def site(folder: Path, *wheels: Wheel) -> tuple[Distribution, ...]:
    for wheel in wheels:
        wheel.install(folder)
    return installed(folder)


def one(name: str, *requires: str, tops: tuple[str, ...] | None = None, version: str = "1.0") -> Distribution:
    return Distribution(name, version, requires, (name,) if tops is None else tops, ())


def names(found: tuple[Distribution, ...]) -> list[str]:
    return [each.name for each in found]


def test_what_is_installed(tmp_path: Path) -> None:
    """Files as they go into a zip: nothing of the installer's, no scripts, no caches."""
    files = {
        "PIL/__init__.py": "x",
        "PIL/run.sh": "",
        "six.py": "",
        "fast.cpython-312-x86_64-linux-gnu.so": "",
        "my-data/a.txt": "",
    }
    [found] = site(tmp_path, Wheel("Pillow_X", "2.0", ("attrs>=1",), files))

    assert (found.name, found.version, found.requires) == ("pillow-x", "2.0", ("attrs>=1",))
    assert found.tops == ("PIL", "fast", "six")
    assert [(file.place, oct(file.mode)) for file in found.files] == [
        ("PIL/__init__.py", "0o644"),
        ("PIL/run.sh", "0o755"),
        ("Pillow_X-2.0.dist-info/METADATA", "0o644"),
        ("Pillow_X-2.0.dist-info/WHEEL", "0o644"),
        ("fast.cpython-312-x86_64-linux-gnu.so", "0o644"),
        ("my-data/a.txt", "0o644"),
        ("six.py", "0o644"),
    ]
    # echo -n x | sha256sum
    x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
    assert found.files[0] == File("PIL/__init__.py", 0o644, x, 1)


def test_it_is_unchanged(tmp_path: Path) -> None:
    found = site(tmp_path, Wheel("a"), Wheel("b", requires=("a",)))
    assert from_json(to_json(found)) == found
    with pytest.raises((ValueError, KeyError, TypeError)):
        from_json('[{"name": 1}]')


def test_what_is_lacking_on_the_target() -> None:
    """Markers are decided for the target, extras for what was asked for."""
    there = [
        one(
            "a", "b", "c; sys_platform == 'linux'", "d; sys_platform == 'win32'", "e>=1; extra == 'more'", "not valid!"
        ),
        one("b", "f; extra == 'never'", "g; nonsense == 'x'"),
    ]
    assert lacking(there, TARGET, ["a[more]>=1 --hash=sha256:aa", "./b.whl"]) == ("c", "e>=1")
    assert lacking(there, TARGET, ["a"]) == ("c",)


def test_what_code_needs() -> None:
    """What it imports and what that requires, whatever extra it may be for."""
    there = (
        one("boto3", "botocore"),
        one("botocore"),
        one("email-validator"),
        one("flowgen-aws", "rich"),
        one("pydantic", "email-validator; extra == 'email'", "tzdata; sys_platform == 'win32'"),
        one("pyyaml", tops=("yaml", "_yaml")),
        one("rich"),
        one("tzdata"),
    )
    assert names(reached(there, TARGET, {"pydantic"}, {"boto3", "yaml"})) == ["email-validator", "pydantic"]
    assert names(reached(there, TARGET, {"boto3", "yaml"}, {"pydantic"})) == ["boto3", "botocore", "pyyaml"]


def test_metadata_that_cannot_be_read_is_passed_over() -> None:
    """As pip does it: what a distribution says wrongly of itself stops nobody."""
    there = (one("a", "b; nonsense == 'x'", "b; 'x' in extras", "b; python_version ~= '3'", "c"), one("b"), one("c"))
    assert names(reached(there, TARGET, {"a"}, {"b", "c"})) == ["a", "c"]
    assert lacking(there[:1], TARGET, ["a"]) == ("c",)


def test_what_no_import_shows_is_needed_everywhere() -> None:
    """A driver that is found by its name: nothing imports it, nothing requires it."""
    there = (one("driver", "wire"), one("sqlalchemy"), one("wire"), one("x", "y"), one("y", "x"))
    assert names(reached(there, TARGET, set(), {"sqlalchemy"})) == ["driver", "wire"]


def test_pins() -> None:
    """A requirements file; what differs between targets says where it belongs."""
    arm, intel = Target("python3.12", "arm64"), Target("python3.13", "x86_64")
    assert pins({}) == ""
    assert pins({arm: [one("b"), one("a")]}) == "a==1.0\nb==1.0\n"
    assert pins({intel: [one("a"), one("b", version="2.0")], arm: [one("a"), one("b"), one("c")]}) == (
        "a==1.0\n"
        "b==1.0 ; (python_version == '3.12' and platform_machine == 'aarch64')\n"
        "b==2.0 ; (python_version == '3.13' and platform_machine == 'x86_64')\n"
        "c==1.0 ; (python_version == '3.12' and platform_machine == 'aarch64')\n"
    )


def test_executables_are_known_by_their_owner(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    (tmp_path / "a").chmod(0o677)
    assert distributions.file_at(tmp_path / "a", "a").mode == 0o644
