"""What pip and uv say, told readably. The texts are theirs, cut."""

from __future__ import annotations

import pytest

from flowgen.packaging.failures import failure
from flowgen.packaging.target import Target

TARGET = Target("python3.13", "arm64")
LINES = ["pydantic==2.10 --hash=sha256:aa", "pydantic-core==2.50.4"]

_NONE = "ERROR: Could not find a version that satisfies the requirement"
NO_WHEEL = f"{_NONE} docopt==0.6.2 (from versions: none)"
NO_VERSION = f"{_NONE} pydantic<2.5,>=2.10 (from versions: 0.1, 2.0, 2.1, 2.2)"
OF_ANOTHER = f"{_NONE} pydantic-core==2.46.5 (from pydantic) (from versions: none)"
CONFLICT = (
    "WARNING: Location 'file:///wheels' is ignored: it is neither a file nor a directory.\n"
    "ERROR: Cannot install -r /tmp/x/requirements.txt (line 1) and pydantic-core==2.50.4 because these package versions"
    " have conflicting dependencies.\n"
    "ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/"
)
NETWORK = """WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError(...)': /simple/pydantic/
ERROR: Could not find a version that satisfies the requirement pydantic (from versions: none)
ERROR: No matching distribution found for pydantic"""
HASHES = """ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.
    six==1.0 from https://example.com/six.whl:
        Expected sha256 aa"""
UV_WHEEL = """  x No solution found when resolving dependencies:
  `-> Because docopt==0.6.2 has no usable wheels and you require docopt==0.6.2, we can conclude that your requirements
      are unsatisfiable."""


UV_CONFLICT = """error: No solution found when resolving dependencies
  ╰─▶ Because pydantic==2.14.3 depends on pydantic-core==2.50.4 and you require
      pydantic-core==2.14.1, we can conclude that your requirements are unsatisfiable."""


@pytest.mark.parametrize(
    ("printed", "code", "message"),
    [
        (NO_WHEEL, "FG531", "no wheel of `docopt==0.6.2` for python3.13 on arm64, or the package is not in the index"),
        (
            OF_ANOTHER,
            "FG531",
            "no wheel of `pydantic-core==2.46.5` for python3.13 on arm64, or the package is not in the index",
        ),
        (UV_WHEEL, "FG531", "no wheel of `docopt` for python3.13 on arm64, or the package is not in the index"),
        (NO_VERSION, "FG531", "no wheel of `pydantic<2.5,>=2.10` is compatible with python3.13 on arm64"),
        (CONFLICT, "FG530", "conflicting dependencies: no versions satisfy all of them"),
        (UV_CONFLICT, "FG530", "conflicting dependencies: no versions satisfy all of them"),
        (NETWORK, "FG530", "cannot install the dependencies: the package index is unreachable"),
        (HASHES, "FG530", "the hash of a package differs from the lock file"),
        ("ERROR: disk full", "FG530", "cannot install 2 requirements for python3.13 on arm64"),
        ("", "FG530", "cannot install 2 requirements for python3.13 on arm64"),
    ],
)
def test_headlines(printed: str, code: str, message: str) -> None:
    told = failure(printed, LINES, TARGET)
    assert (told.code, told.message) == (code, message)


def test_what_there_is_instead_of_what_was_asked() -> None:
    assert failure(NO_VERSION, LINES, TARGET).notes == ("compatible versions: 2.0, 2.1, 2.2 and older ones",)
    assert failure(NO_VERSION.replace("0.1, 2.0, ", ""), LINES, TARGET).notes == ("compatible versions: 2.1, 2.2",)


def test_what_the_program_said() -> None:
    """Its own words, without the names of files that only flowgen knows."""
    first, second = failure(CONFLICT, LINES, TARGET).notes
    assert first.startswith("Cannot install pydantic==2.10 and pydantic-core==2.50.4 because these package")
    assert second == "ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/"
    assert failure(CONFLICT, [], TARGET).notes[0].startswith("Cannot install a requirement and")
    assert failure("one\nerror: two\nthree", LINES, TARGET).notes == ("two",)
    assert failure(UV_CONFLICT, LINES, TARGET).notes == (
        "No solution found when resolving dependencies",
        "Because pydantic==2.14.3 depends on pydantic-core==2.50.4 and you require",
        "pydantic-core==2.14.1, we can conclude that your requirements are unsatisfiable.",
    )
    assert failure("one\n\ntwo", LINES, TARGET).notes == ("one", "two")


def test_the_connection_that_failed() -> None:
    first, *_ = failure(NETWORK, LINES, TARGET).notes
    assert first.startswith("WARNING: Retrying")
    first, *_ = failure("x" * 400 + "NewConnectionError", LINES, TARGET).notes
    assert first == "x" * 300 + "…"


def test_the_way_out_names_the_package() -> None:
    told = failure(NO_WHEEL, LINES, TARGET)
    assert told.help is not None
    assert "pip wheel --no-deps --wheel-dir wheels docopt==0.6.2" in told.help
    assert "building `./own` would" in failure(NO_WHEEL.replace("docopt==0.6.2", "./own"), LINES, TARGET).notes[0]
