"""The modules that an entry point needs of its project."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flowgen.diagnostics import Position, Span
from flowgen.packaging.modules import Modules, Needed, missing_module, own_folder


def modules(folder: Path, files: Mapping[str, str]) -> Modules:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return Modules(folder)


def names(needed: Needed) -> list[str]:
    return [module.name for module in needed.modules]


def test_what_an_entry_point_needs(tmp_path: Path) -> None:
    """Its imports, theirs, and the packages around all of them; nothing that none of them names."""
    made = modules(
        tmp_path,
        {
            "shop/__init__.py": "import shop.version",
            "shop/version.py": "",
            "shop/flow/__init__.py": "",
            "shop/flow/entry.py": "from ..mail import send\nfrom . import models as m\nimport boto3",
            "shop/flow/models.py": "from pydantic import BaseModel\nimport boto3",
            "shop/mail/__init__.py": "",
            "shop/mail/send.py": "import shop.mail.smtp",
            "shop/mail/smtp.py": "",
            "shop/unused.py": "import pandas",
        },
    )

    needed = made.needed(["shop.flow.entry"])

    assert names(needed) == [
        *("shop", "shop.flow", "shop.flow.entry", "shop.flow.models", "shop.mail", "shop.mail.send"),
        *("shop.mail.smtp", "shop.version"),
    ]
    assert [top for top, _ in needed.outside] == ["boto3", "pydantic"]
    assert (needed.missing, needed.unread) == ((), ())


def test_a_star_is_all_that_the_package_holds(tmp_path: Path) -> None:
    made = modules(
        tmp_path,
        {"a.py": "from b import *", "b/__init__.py": "", "b/c.py": "", "b/d/__init__.py": "", "b/e/data.txt": ""},
    )
    assert names(made.needed(["a"])) == ["a", "b", "b.c", "b.d"]


def test_names_that_are_not_modules(tmp_path: Path) -> None:
    """A `from` names what a module holds as well."""
    made = modules(tmp_path, {"a.py": "from b import c, d", "b/__init__.py": "c = 1", "b/d.py": ""})
    needed = made.needed(["a"])
    assert names(needed) == ["a", "b", "b.d"]
    assert needed.missing == ()


def test_folders_without_init(tmp_path: Path) -> None:
    """A namespace package may be shared with a dependency: what it lacks is looked for outside."""
    made = modules(tmp_path, {"a.py": "import acme.own\nimport acme.theirs\nimport acme", "acme/own.py": ""})
    needed = made.needed(["a"])
    assert names(needed) == ["a", "acme", "acme.own"]
    assert [top for top, _ in needed.outside] == ["acme"]


def test_compiled_modules(tmp_path: Path) -> None:
    made = modules(tmp_path, {"a.py": "import fast", "fast.cpython-313-aarch64-linux-gnu.so": ""})
    needed = made.needed(["a"])
    assert names(needed) == ["a", "fast"]
    assert needed.outside == ()


def test_missing_modules(tmp_path: Path) -> None:
    """What a package of the project lacks is reported, with what may be meant; an optional one is not."""
    text = "import b.mial\ntry:\n  import b.fast\nexcept ImportError: pass\nimport b.mail"
    made = modules(tmp_path, {"a.py": text, "b/__init__.py": "", "b/mail.py": "", "mails.py": ""})

    [place] = made.needed(["a"]).missing
    told = missing_module(place.found.module, Span("a.py", Position(1, 1), Position(1, 14)), made)

    assert (place.file, place.found.line) == (tmp_path / "a.py", 1)
    assert (told.code, told.message) == ("FG533", "the project has no module `b.mial`")
    assert told.help == "did you mean `b.mail`?"


def test_the_place_of_an_outside_import_is_one_that_must_work(tmp_path: Path) -> None:
    made = modules(tmp_path, {"a.py": "import b\nimport x", "b.py": "try:\n  import x\nexcept ImportError: pass"})
    [(top, place)] = made.needed(["a"]).outside
    assert (top, place.file.name, place.found.optional) == ("x", "a.py", False)


def test_modules_that_cannot_be_read(tmp_path: Path) -> None:
    made = modules(tmp_path, {"a.py": "import b, c", "b.py": "def f(:", "c.py": "#" * 4_000_001})
    unread = dict(made.needed(["a"]).unread)
    assert {path.name: str(error.msg) for path, error in unread.items() if isinstance(error, SyntaxError)} == {
        "b.py": "invalid syntax",
        "c.py": "larger than 4,000,000 bytes",
    }


def test_circles_end(tmp_path: Path) -> None:
    made = modules(tmp_path, {"a.py": "import b", "b.py": "import a"})
    assert names(made.needed(["a"])) == ["a", "b"]


def test_an_entry_point_that_is_not_there(tmp_path: Path) -> None:
    assert modules(tmp_path, {}).needed(["a.b"]) == Needed((), (), (), ())


def test_all_modules(tmp_path: Path) -> None:
    """Those below the source folder; not what environments, caches and metadata bring."""
    made = modules(
        tmp_path,
        {
            "a.py": "",
            "b/__init__.py": "",
            "b/c.py": "",
            "b/data.txt": "",
            ".venv/x.py": "",
            "env/pyvenv.cfg": "",
            "env/lib/y.py": "",
            "__pycache__/z.py": "",
            "a.egg-info/w.py": "",
        },
    )
    assert [module.name for module in made.everything()] == ["a", "b", "b.c"]
    assert not own_folder(tmp_path / "node_modules")
