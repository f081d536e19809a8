"""Loading a project's callables."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from flowgen.local import HandlerLoadError, load_handler


@pytest.fixture
def source(tmp_path: Path) -> Path:
    package = tmp_path / "src" / "flowgen_test_shop"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "prices.py").write_text("RATE = 2\n")
    (package / "handlers.py").write_text(
        "from flowgen_test_shop.prices import RATE\n\ndef double(event):\n    return event * RATE\n\nlimit = 3\n"
    )
    (package / "broken.py").write_text("x = 1\ny = x / 0\n")
    (package / "leaves.py").write_text("import sys\nsys.exit(1)\n")
    (package / "needs.py").write_text("import no_such_module_at_all\n")
    return tmp_path / "src"


def test_a_handler_is_loaded_from_its_folder(source: Path) -> None:
    """The module finds its neighbors, and the path is as before."""
    before = sys.path.copy()
    assert load_handler(source, "flowgen_test_shop.handlers:double")(21) == 42
    assert sys.path == before


def test_two_projects_may_have_the_same_package(source: Path, tmp_path: Path) -> None:
    """The second project's handlers are its own."""
    load_handler(source, "flowgen_test_shop.handlers:double")
    other = tmp_path / "other" / "flowgen_test_shop"
    other.mkdir(parents=True)
    (other / "handlers.py").write_text("def double(event):\n    return 'other'\n")
    assert load_handler(tmp_path / "other", "flowgen_test_shop.handlers:double")(1) == "other"


def test_two_projects_may_each_have_a_shared_package(tmp_path: Path) -> None:
    """The handlers of each project import its own runtime, in any order."""
    for project in ("one", "two"):
        for package in (f"flowgen_test_{project}", "flowgen_test_shared"):
            folder = tmp_path / project / package / "generated"
            folder.mkdir(parents=True)
            (folder.parent / "__init__.py").touch()
            (folder / "__init__.py").touch()
        (folder / "runtime.py").write_text(f"class Error(Exception):\n    project = {project!r}\n")
        runtime = "from flowgen_test_shared.generated.runtime import Error\n"
        for name in ("first", "second"):
            (tmp_path / project / f"flowgen_test_{project}" / f"{name}.py").write_text(
                f"{runtime}\n\ndef handler(event):\n    return Error\n"
            )

    def error_of(project: str, name: str) -> type[Exception]:
        found: type[Exception] = load_handler(tmp_path / project, f"flowgen_test_{project}.{name}:handler")(None)
        assert vars(found)["project"] == project
        return found

    assert error_of("one", "first") is error_of("one", "second")
    assert error_of("two", "first") is error_of("two", "second")
    assert error_of("one", "first") is error_of("one", "second")


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("flowgen_test_shop.handlers", "write it as package.module:function"),
        ("flowgen_test_shop.nothing:f", "there is no module flowgen_test_shop.nothing in "),
        ("flowgen_test_no_shop.x:f", "there is no module flowgen_test_no_shop.x in "),
        ("flowgen_test_shop.handlers:triple", "flowgen_test_shop.handlers has no function triple"),
        ("flowgen_test_shop.handlers:limit", "limit in flowgen_test_shop.handlers is not a function but a int"),
        ("flowgen_test_shop.needs:f", "needs the module no_such_module_at_all, which is not installed"),
        ("flowgen_test_shop.broken:f", "ZeroDivisionError: division by zero (flowgen_test_shop/broken.py, line 2)"),
        ("flowgen_test_shop.leaves:f", "can't be imported: SystemExit: 1"),
    ],
)
def test_what_cannot_be_loaded_is_reported(source: Path, target: str, told: str) -> None:
    """Each way of going wrong has its message."""
    with pytest.raises(HandlerLoadError) as error:
        load_handler(source, target)
    assert told in str(error.value)


def test_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    """The source folder must exist."""
    with pytest.raises(HandlerLoadError, match="does not exist"):
        load_handler(tmp_path / "nowhere", "a:b")
