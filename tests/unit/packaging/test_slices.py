"""A zip has the part of generated modules that its function needs, and nothing of other functions' contracts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from flowgen.cli import entry
from flowgen.diagnostics import Position, Span
from flowgen.packaging.contents import Deployed
from flowgen.packaging.modules import Modules
from flowgen.packaging.zips import Zip
from tests.unit.packaging.test_pack import SETTINGS, TARGET, packed

EXAMPLES = Path(__file__).parents[3] / "examples"
FLOW = """flowgen: 1
name: shop
import: ../types/orders.yaml
types:
  Receipt: {fields: {total: integer, paid?: boolean, parts: "Part[] = []"}}
  Part: {fields: {name: string, inside?: "Part[]"}}
  Tree: "map<number | string>"
functions:
  charge: {input: Order, output: Receipt, errors: {Declined: {fields: {why: string}}, Busy: "null"}}
  ship: {input: Tree, output: "email"}
steps: [{id: pause, wait: 1s}]
"""
TYPES = "flowgen: 1\ntypes:\n  Order: {fields: {id: string, by: Person}}\n  Person: {fields: {name: string}}\n"
CHARGE = """from .generated import contracts
from .generated.models import Order, Receipt


@contracts.charge
def charge(event: Order, context: contracts.StepContext) -> Receipt:
    if not event.id:
        raise contracts.Busy
    return Receipt(total=1)
"""
FILES = {
    "pyproject.toml": SETTINGS,
    "workflows/shop.yaml": FLOW,
    "types/orders.yaml": TYPES,
    "src/shop/charge.py": CHARGE,
}


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    done = CliRunner().invoke(entry.flowgen, ["-C", str(root), "generate"], catch_exceptions=False)
    assert done.exit_code == 0, done.output


def zip_of(root: Path, function: str = "charge") -> Zip:
    span = Span("workflows/shop.yaml", Position(7, 3), Position(7, 8))
    one = Deployed("shop", function, f"shop.generated.entry_points.{function}", TARGET, span)
    made, told, _ = packed(root, {"pyproject.toml": SETTINGS}, one)
    assert (told, made is not None) == ([], True)
    assert made is not None
    return made.zips[0]


def text_in(made: Zip, place: str) -> str:
    return made.paths[place].read_text("utf-8")


OTHERS = {
    "another function": ("  ship:", "  send: {input: Tree, output: any, errors: [Lost]}\n  ship:"),
    "one function less": ('  ship: {input: Tree, output: "email"}\n', ""),
    "another output": ('output: "email"', "output: Receipt"),
    "a type in place": ('output: "email"', "output: {fields: {at: date-time}}"),
    "an error of the other": ('output: "email"', 'output: "email", errors: {Busy: "null", Gone: Part}'),
    "another field of its type": ('"map<number | string>"', '"map<boolean | string>"'),
    "a type that it alone uses": ("  Tree:", "  Uuid: {fields: {id: uuid}}\n  Tree:"),
    "a description": ("  ship: {", "  ship: {description: Sends a Receipt to a Person., "),
}


@pytest.mark.parametrize("change", OTHERS)
def test_the_zip_of_a_function_does_not_depend_on_another(tmp_path: Path, change: str) -> None:
    """Whatever changes in the other's contract."""
    write(tmp_path, FILES)
    before = zip_of(tmp_path).digest
    old, new = OTHERS[change]
    assert FLOW.count(old) == 1
    write(tmp_path, {"workflows/shop.yaml": FLOW.replace(old, new)})
    if change != "an error of the other":
        assert zip_of(tmp_path).digest == before
    write(tmp_path, {"src/shop/ship.py": "import decimal\n\n\ndef ship(event, context):\n    return 'a@example.com'\n"})
    assert (zip_of(tmp_path).digest == before) is (change != "an error of the other")


OWN = {
    "its input": ("  Tree:", "  Tree:", TYPES.replace("name: string", "name: string, age?: integer")),
    "its output": ("total: integer", "total: number", TYPES),
    "a type inside": ("name: string, inside", "name: string, weight?: number, inside", TYPES),
}


@pytest.mark.parametrize("change", OWN)
def test_the_zip_of_a_function_changes_with_its_own_contract(tmp_path: Path, change: str) -> None:
    write(tmp_path, FILES)
    before = zip_of(tmp_path).digest
    old, new, types = OWN[change]
    write(tmp_path, {"workflows/shop.yaml": FLOW.replace(old, new), "types/orders.yaml": types})
    assert zip_of(tmp_path).digest != before


def test_a_slice_has_what_the_function_reaches(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    made = zip_of(tmp_path)
    models, contracts = (text_in(made, f"shop/generated/{name}.py") for name in ("models", "contracts"))
    assert [line for line in models.splitlines() if line.startswith(("class ", "Tree"))] == [
        "class Part(SparseModel):",
        "class Receipt(SparseModel):",
    ]
    assert "class Busy(" in contracts
    assert "def charge(" in contracts
    assert "Declined" not in contracts
    assert "ship" not in contracts.lower()
    assert not any(place.startswith("shop/ship") for place in made.paths)


WHOLE = {
    "passed on": "from .generated import contracts\nprint(contracts)\n",
    "by a string": "from .generated import contracts\nprint(getattr(contracts, 'Declined'))\n",
    "its dictionary": "from .generated import contracts\nprint(contracts.__dict__)\n",
    "a star": "from .generated.contracts import *\n",
    "a star of the package": "from .generated import *\n",
    "the whole module": "import shop.generated.contracts\n",
    "imported by name": "import importlib\nimportlib.import_module('shop.generated.contracts')\n",
    "through another module": "from . import tools\nprint(tools.contracts.Declined)\n",
    "from another module": "from .tools import contracts as c\nprint(c.Declined)\n",
    "from a module in between": "from .between import contracts as c\nprint(c.Declined)\n",
    "a star of another module": "from .tools import *\nprint(contracts.Declined)\n",
    "by another name": "from .generated import contracts as c\nprint(c.Declined)\n",
    "the name itself": "from .generated.contracts import Declined\n",
    "inside of a function": "def f():\n    from .generated.contracts import Declined\n    return Declined\n",
}


@pytest.mark.parametrize("use", WHOLE)
def test_whatever_code_may_use_is_there(tmp_path: Path, use: str) -> None:
    """`Declined` is used in ways that only running the code could tell from others."""
    tools = {
        "src/shop/tools.py": "from .generated import contracts\n",
        "src/shop/between.py": "from .tools import contracts\n",
        "src/shop/other.py": WHOLE[use],
        "src/shop/charge.py": f"from . import other\n{CHARGE}",
    }
    write(tmp_path, FILES | tools)
    assert "class Declined(" in text_in(zip_of(tmp_path), "shop/generated/contracts.py")


def test_an_edited_module_is_packaged_as_it_is(tmp_path: Path) -> None:
    """What somebody added to it may be there for a reason."""
    write(tmp_path, FILES)
    path = tmp_path / "src/shop/generated/contracts.py"
    path.write_text(path.read_text("utf-8") + "x = 1\n", "utf-8")
    assert text_in(zip_of(tmp_path), "shop/generated/contracts.py") == path.read_text("utf-8")


@pytest.mark.parametrize("example", sorted(path.parent.name for path in EXAMPLES.glob("*/src")))
def test_each_entry_point_can_be_imported_from_its_slices(example: str, tmp_path: Path) -> None:
    """With only the modules and slices that are its own, and with the types that it has in the project."""
    source = EXAMPLES / example / "src"
    names = [
        ".".join(path.relative_to(source).with_suffix("").parts)
        for path in sorted(source.rglob("entry_points/[!_]*.py"))
    ]
    modules = Modules(source)
    for number, name in enumerate(names):
        needed = modules.needed([name])
        root = tmp_path / str(number)
        for module in needed.modules:
            assert module.file is not None
            path = root / module.file.relative_to(source)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(needed.slices.get(module.name) or module.file.read_text("utf-8"), "utf-8")
        program = (
            f"import json, {name} as m\n"
            "print(json.dumps([m._entry_point.input_type.json_schema(), m._entry_point.output_type.json_schema()]))"
        )
        command = (sys.executable, "-B", "-c", program)
        alone, whole = (
            subprocess.run(command, cwd=folder, capture_output=True, check=True) for folder in (root, source)
        )
        assert alone.stdout == whole.stdout != b""


def test_slices_are_stable(tmp_path: Path) -> None:
    """The same project gives the same texts, whatever order sets have."""
    write(tmp_path, FILES)
    program = (
        "from pathlib import Path\nfrom flowgen.packaging.modules import Modules\n"
        "print(Modules(Path('src')).needed(['shop.generated.entry_points.charge']).slices)"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1
