"""What a module's text says that it imports."""

from __future__ import annotations

import pytest

from flowgen.packaging.imports import imports_of


def found(text: str, module: str = "shop.mail", *, is_package: bool = False) -> list[tuple[str, tuple[str, ...], bool]]:
    made = imports_of(text.encode(), module, is_package=is_package)
    return [(one.module, one.names, one.optional) for one in made]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import a.b, c as d", [("a.b", (), False), ("c", (), False)]),
        ("from a import b, c as d", [("a", ("b", "c"), False)]),
        ("from a import *", [("a", ("*",), False)]),
        ("from . import b", [("shop", ("b",), False)]),
        ("from .b import c", [("shop.b", ("c",), False)]),
        ("from ..b import c", []),
        ("def f():\n  async def g():\n    import a", [("a", (), False)]),
        ("class A:\n  if x:\n    import a\n  else:\n    import b", [("a", (), False), ("b", (), False)]),
        ("import_module('a.b'); importlib.import_module('c')", [("a.b", (), False), ("c", (), False)]),
        ("__import__('a')", [("a", (), False)]),
        ("import_module('.a'); import_module(name); import_module('not a name')", []),
        ("match x:\n  case 1:\n    import a", [("a", (), False)]),
    ],
)
def test_imports(text: str, expected: list[tuple[str, tuple[str, ...], bool]]) -> None:
    assert found(text) == expected


def test_relative_imports_of_a_package() -> None:
    """In `__init__.py` one dot is the package itself."""
    assert found("from . import a\nfrom .b import c", "shop", is_package=True) == [
        ("shop", ("a",), False),
        ("shop.b", ("c",), False),
    ]
    assert found("from .. import a", "shop.mail", is_package=True) == [("shop", ("a",), False)]


@pytest.mark.parametrize("test", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_what_only_type_checkers_import_is_none(test: str) -> None:
    assert found(f"if {test}:\n  import a\nelse:\n  import b") == [("b", (), False)]


@pytest.mark.parametrize(
    "caught",
    [
        "except ImportError",
        "except ModuleNotFoundError",
        "except (KeyError, ImportError)",
        "except Exception",
        "except",
    ],
)
def test_what_may_be_missing(caught: str) -> None:
    """An import whose failure is caught is optional; what is in for it is not."""
    text = f"try:\n  import a\n  def f():\n    import b\n{caught}:\n  import c\nelse:\n  import d\nfinally:\n  import e"
    assert found(text) == [
        *(("a", (), True), ("b", (), True)),
        *(("c", (), False), ("d", (), False), ("e", (), False)),
    ]


@pytest.mark.parametrize(
    "test", ["sys.version_info >= (3, 11)", "sys.platform == 'win32'", "platform.system() == 'Linux' and x"]
)
def test_what_is_for_another_machine_may_be_missing(test: str) -> None:
    assert found(f"if {test}:\n  import a\nelse:\n  import b") == [("a", (), True), ("b", (), True)]


def test_what_is_suppressed_may_be_missing() -> None:
    assert found("with contextlib.suppress(ImportError):\n  import a") == [("a", (), True)]
    assert found("with suppress(KeyError), open(x):\n  import a") == [("a", (), False)]


def test_another_error_caught_does_not_make_it_optional() -> None:
    assert found("try:\n  import a\nexcept KeyError:\n  pass") == [("a", (), False)]
    assert found("try:\n  import a\nexcept* ImportError:\n  pass") == [("a", (), True)]


def test_places() -> None:
    """Columns count characters, also behind such that take several bytes."""
    [one] = imports_of("é = 'ä'; import a.b".encode(), "m", is_package=False)
    assert (one.line, one.column, one.end) == (1, 10, 20)
    [one] = imports_of(b"\nfrom a import (\n  b,\n)", "m", is_package=False)
    assert (one.line, one.column, one.end) == (2, 1, 16)


@pytest.mark.parametrize(
    "text",
    [
        b"def f(:",
        b"import a\0",
        b"x = " + b"(" * 5000 + b")" * 5000,
        b"x = " + b"-" * 200_000 + b"1",
        b"# coding: nonsense\n",
        b"if a: pass\n" + b"elif a: pass\n" * 1500,
    ],
)
def test_what_python_cannot_read(text: bytes) -> None:
    with pytest.raises(SyntaxError):
        imports_of(text, "m", is_package=False)
