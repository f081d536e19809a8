"""What `python` of a function names: told where it is not there, and not judged where only running would show it."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from flowgen.cli import entry
from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import callables, check_paths

FLOW = """flowgen: 1
name: order
functions:
  charge: {{python: "{target}"}}
steps:
  - {{id: charged, call: charge, with: {{}}}}
"""
BILLING = """
def charge(event, context): ...

class Adder:
    total = 0

    def more(event, context): ...

    class Inner:
        def most(event, context): ...
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for folder in ("workflows", "src/m2/parts", "src/loose", "src/order"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n")
    for name in ("m2/__init__.py", "m2/parts/one.py", "loose/one.py", "order/work.py"):
        (tmp_path / "src" / name).write_text("def work(event, context): ...\n")
    (tmp_path / "src/m2/billing.py").write_text(BILLING)
    return tmp_path


def name(root: Path, target: str) -> None:
    (root / "workflows/order.yaml").write_text(FLOW.format(target=target))


def told(root: Path, target: str, module: str | None = None) -> list[Diagnostic]:
    """What is found where a function names `target`, and `m2.billing` is `module`."""
    name(root, target)
    if module is not None:
        (root / "src/m2/billing.py").write_text(textwrap.dedent(module))
    return list(check_paths((), root).diagnostics)


def flowgen(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(entry.flowgen, ["-C", str(root), *arguments], catch_exceptions=False)


@pytest.mark.parametrize(
    ("target", "message", "meant"),
    [
        ("m2.billling:charge", "there is no module `m2.billling` in `src`", "m2.billing:charge"),
        ("m2.prts.one:work", "there is no module `m2.prts` in `src`", None),
        ("m2.parts.ome:work", "there is no module `m2.parts.ome` in `src`", "m2.parts.one:work"),
        ("m2.mail:send", "there is no module `m2.mail` in `src`", None),
        (
            "m2.billing.charge:it",
            "there is no module `m2.billing.charge` in `src`: `m2.billing` is not a package",
            None,
        ),
        ("m2.billing:chrge", "`m2.billing` has no `chrge`", "m2.billing:charge"),
        ("m2.billing:send", "`m2.billing` has no `send`", None),
        ("m2:wrok", "`m2` has no `wrok`", "m2:work"),
        ("m2.billing:Ader.more", "`m2.billing` has no `Ader`", "m2.billing:Adder.more"),
        ("m2.billing:Adder.mroe", "`Adder` in `m2.billing` has no `mroe`", "m2.billing:Adder.more"),
        ("m2.billing:Adder.Inner.mst", "`Adder.Inner` in `m2.billing` has no `mst`", "m2.billing:Adder.Inner.most"),
        ("order.wrk:work", "there is no module `order.wrk` in `src`", "order.work:work"),
    ],
)
def test_what_is_missing(root: Path, target: str, message: str, meant: str | None) -> None:
    """FG603 at the target, with the one that was probably meant. A folder that generating makes a package is one."""
    [found] = told(root, target)
    assert (found.code, found.message) == ("FG603", message)
    assert found.help == (f"did you mean `{meant}`?" if meant else None)
    assert found.span is not None
    assert (found.span.file, found.span.start.line, found.span.start.column) == ("workflows/order.yaml", 4, 20)


@pytest.mark.parametrize(
    "target",
    [
        "m2.billing:charge",
        "m2.billing:Adder",
        "m2.billing:Adder.more",
        "m2.billing:Adder.Inner.most",
        "m2.billing:Adder.mro",
        "m2.billing:charge.cache_clear",
        "m2.billing:Adder.total.real",
        "m2.billing:__name__",
        "m2:work",
        "m2:billing",
        "m2:billing.charge",
        "m2.parts.one:work",
        "m2.parts:anything",
        "installed.mail:send",
        "loose.mail:send",  # a part of a package that may have others elsewhere
        "order.generated.contracts:Anything",
        pytest.param(f"m2.{'a' * 300}:send", id="a name that no file can have"),
    ],
)
def test_what_is_there_or_not_judged(root: Path, target: str) -> None:
    """Nothing is reported of what is there, of what only running would show, and of installed packages."""
    assert told(root, target) == []


@pytest.mark.parametrize(
    "module",
    [
        "charge = print",
        "charge: object = print",
        "one, (charge, *two) = 1, (2,)",
        "*charge, one = 1, 2",
        "if (charge := print): pass",
        "for charge in [print]: pass",
        "with open('x') as charge: pass",
        "try:\n    from a import charge\nexcept ImportError:\n    charge = None",
        "try:\n    pass\nfinally:\n    def charge(event, context): ...",
        "if True:\n    pass\nelse:\n    async def charge(event, context): ...",
        "while True:\n    import charge",
        "import charge.more",
        "import more as charge",
        "from . import more as charge",
        "match 1:\n    case charge: pass",
        "match 1:\n    case [*charge]: pass",
        "match 1:\n    case {'a': 1, **charge}: pass",
        "class charge: ...",
        "@(charge := print)\ndef one(): ...",
        "def one(two=(charge := print)): ...",
        "def one():\n    global charge\n    charge = print",
        "from more import *",
        "def __getattr__(name): ...",
        "globals()['charge'] = print",
        "vars().update(charge=print)",
        "exec('charge = print')",
        "import sys\nsetattr(sys, 'charge', print)",
        "import sys\nsys.modules[__name__] = object()",
        "import m2.billing\nm2.billing.charge = print",
        "def charge(:",
        "\0",
        "x = '\\d'\ncharge = print",
        "(" * 1000,
        "x = " + "-" * 100_000 + "1",
    ],
)
def test_names_of_a_module(root: Path, module: str) -> None:
    """A name is there that any way through the module binds; one that cannot be determined is not judged."""
    assert told(root, "m2.billing:charge", module) == []


@pytest.mark.parametrize(
    "module",
    [
        "",
        "def one():\n    charge = print",
        "class One:\n    charge = print",
        "one.charge.two = 3",
        "print(charge)",
        "import more.charge",
        "from charge import more",
        "charge.more",
    ],
)
def test_names_that_a_module_does_not_have(root: Path, module: str) -> None:
    """Those of inner scopes, and those that are only used."""
    assert [found.message for found in told(root, "m2.billing:charge", module)] == ["`m2.billing` has no `charge`"]


@pytest.mark.parametrize(
    "module",
    [
        "class Adder(Base): ...",
        "class Adder(metaclass=Meta): ...",
        "@decorated\nclass Adder: ...",
        "class Adder: ...\nAdder = decorated(Adder)",
        "class Adder: ...\nAdder.more = print",
        "class Adder: ...\nsetattr(Adder, 'more', print)",
        "if True:\n    class Adder: ...\nelse:\n    class Adder: ...",
        "class Adder:\n    if True:\n        def more(event, context): ...",
        "Adder = object()",
        "from elsewhere import Adder",
        "def Adder(): ...",
    ],
)
def test_classes_that_are_not_judged(root: Path, module: str) -> None:
    """A class is looked into only if all that it has is in it."""
    assert told(root, "m2.billing:Adder.more", module) == []


def test_links_and_other_places(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What a link brings from elsewhere is not read; a package with its own path, or a compiled module, is one."""
    outside = tmp_path_factory.mktemp("outside") / "far.py"
    outside.write_text("")
    (root / "src/m2/far.py").symlink_to(outside)
    assert told(root, "m2.far:send") == []
    assert [found.code for found in told(root, "m2.fast:send")] == ["FG603"]
    (root / "src/m2/fast.cpython-311.so").write_text("")
    assert told(root, "m2.fast:send") == []
    (root / "src/m2/__init__.py").write_text("__path__ = []")
    assert told(root, "m2.slow:send") == []


def test_a_stub_may_be_named_before_it_is_written(root: Path) -> None:
    """One workflow calls what is written for another: the first `flowgen generate` is not rejected."""
    (root / "workflows/other.yaml").write_text(FLOW.format(target="order.stub:work").replace("name: order", "name: b"))
    text = 'flowgen: 1\nname: order\nfunctions: {stub: {}}\nsteps:\n  - {id: one, call: stub, with: "${ $input }"}\n'
    (root / "workflows/order.yaml").write_text(text)
    (root / "src/order/__init__.py").write_text("")
    assert check_paths((), root).diagnostics == ()
    (root / "src/order/stub.py").write_text("")
    assert [found.message for found in check_paths((), root).diagnostics] == ["`order.stub` has no `work`"]


def test_a_module_is_read_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many functions of however many workflows name it."""
    for number in range(3):
        text = FLOW.format(target="m2.billing:charge").replace("name: order", f"name: order_{number}")
        more = text.replace(
            "steps:", '  other: {python: "m2.billing:Adder.more"}\nsteps:\n  - {id: a, call: other, with: 1}'
        )
        (root / f"workflows/order_{number}.yaml").write_text(more)
    read, parsed = [], callables._parsed

    def counted(file: Path) -> callables._Module | None:
        read.append(file)
        return parsed(file)

    monkeypatch.setattr(callables, "_parsed", counted)
    assert check_paths((), root).diagnostics == ()
    assert read == [root.resolve() / "src/m2/billing.py"]


@pytest.mark.parametrize(
    "command", [("check",), ("generate",), ("generate", "--check"), ("template",), ("package",), ("asl",)], ids=" ".join
)
def test_each_command_tells_it_once(root: Path, command: tuple[str, ...]) -> None:
    """As any error of a workflow."""
    name(root, "m2.billing:chrge")
    result = flowgen(root, *command, *(["workflows/order.yaml"] if command == ("asl",) else []))
    assert (result.exit_code, result.output.count("FG603"), result.output.count("1 error")) == (1, 1, 1)


@pytest.mark.parametrize("change", ["a callable that is gone", "a module that is gone"])
def test_generating_notices_what_is_gone(root: Path, change: str) -> None:
    """Where nothing else changed since the last run, too."""
    name(root, "m2.billing:charge")
    assert flowgen(root, "generate").exit_code == 0
    assert flowgen(root, "generate").output == "nothing to do: everything is up to date\n"
    file = root / "src/m2/billing.py"
    if change == "a module that is gone":
        file.unlink()
    else:
        file.write_text(BILLING.replace("def charge", "def bill"))
    assert "error[FG603]" in flowgen(root, "generate", "--check").output
