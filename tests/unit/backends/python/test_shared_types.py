"""Types that several workflows use are one class, in the module of the file that declares them."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from flowgen.backends import writing
from flowgen.backends.artifacts import generated_file
from flowgen.backends.python.modules import components, module_name
from flowgen.pipeline import check_paths, plan_python

SETTINGS = '[tool.flowgen]\npackage = "shop"\n'
WORKFLOW = (
    "flowgen: 1\nname: {name}\nimport: {imports}\n{types}functions:\n{functions}\nsteps: [{{id: pause, wait: 1s}}]\n"
)
ORDERS = "flowgen: 1\nimport: items.yaml\ntypes:\n  Order: {fields: {id: string, items: 'Item[]', note?: string}}\n"
ITEMS = (
    "flowgen: 1\ntypes:\n  Item: {description: What is sold., fields: {sku: string, size: {fields: {cm: number}}}}\n"
)


def workflow(name: str, imports: str, functions: Mapping[str, str], types: str = "") -> str:
    declared = "\n".join(f"  {function}: {contract}" for function, contract in functions.items())
    return WORKFLOW.format(name=name, imports=imports, functions=declared, types=f"types: {types}\n" if types else "")


PROJECT = {
    "pyproject.toml": SETTINGS,
    "contracts/orders.yaml": ORDERS,
    "contracts/items.yaml": ITEMS,
    "workflows/take.yaml": workflow("take", "../contracts/orders.yaml", {"take_order": "{input: Order, output: Item}"}),
    "workflows/send.yaml": workflow(
        "send",
        "[../contracts/orders.yaml]",
        {"send_order": "{input: Order, output: Parcel}", "drop": "{input: 'Order[]', errors: {Lost: Item}}"},
        "{Parcel: {fields: {order: Order, first: Item}}, Gift: {allOf: [{$ref: '#/$defs/Order'}, {properties: {to: "
        "{type: string}}}]}}",
    ),
}


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def planned(root: Path, *paths: str) -> writing.Plan:
    report = check_paths(paths, root)
    assert not report.failed, report.diagnostics
    [(_, plan)] = plan_python(report.loaded)
    return plan


def generate(root: Path, *paths: str) -> list[str]:
    """What is done to which file."""
    plan = planned(root, *paths)
    assert {one.code for one in plan.diagnostics} <= {"FG604"}
    writing.write(plan, root)
    return [f"{change.action} {change.path}" for change in plan.changes]


def problems(root: Path) -> list[tuple[str, str]]:
    return [(problem.code, problem.message) for problem in planned(root).diagnostics]


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """What imports a module of the project, below `shop`; it is forgotten afterwards."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(tmp_path / "src")

    def load(name: str) -> Any:
        importlib.invalidate_caches()
        return importlib.import_module(f"shop.{name}")

    yield load
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "shop":
            del sys.modules[name]


def text_of(root: Path, module: str) -> str:
    """A generated module without its header and docstring."""
    text = root.joinpath("src", "shop", f"{module}.py").read_text(encoding="utf-8")
    return text.partition('"""')[2].partition('"""\n\n')[2].removeprefix("from __future__ import annotations\n\n")


def test_nothing_is_left_of_a_type_that_is_imported(tmp_path: Path) -> None:
    """Not the empty lines around it either, wherever it stood between the others."""
    before, after = "{Zed: {fields: {z: string}}, Both: {fields: {one: Order, other: Item}}, Late: string}", "Both"
    text = workflow("mix", "../contracts/orders.yaml", {"mix": f"{{input: {after}}}"}, before)
    write(tmp_path, PROJECT | {"workflows/mix.yaml": text})
    generate(tmp_path)
    models = text_of(tmp_path, "mix/generated/models")
    assert "\n\n\n\n" not in models
    assert "\n\n\nclass Zed(" in models
    assert "\n\n\nclass Both(" in models


def test_each_file_has_a_module(tmp_path: Path) -> None:
    """A type is written once, and imported wherever it is used."""
    write(tmp_path, PROJECT)
    generate(tmp_path)
    assert text_of(tmp_path, "shared/generated/items") == (
        "from .base import ContractModel\n\n\n"
        "class ItemSize(ContractModel):\n    cm: float\n\n\n"
        'class Item(ContractModel):\n    """What is sold."""\n\n    sku: str\n    size: ItemSize\n'
    )
    assert text_of(tmp_path, "shared/generated/orders") == (
        "from shop.shared.generated.items import Item\n\nfrom .base import SparseModel\n\n\n"
        "class Order(SparseModel):\n    id: str\n    items: list[Item]\n    note: str | None = None\n"
    )
    assert text_of(tmp_path, "take/generated/models") == (
        "from shop.shared.generated.items import Item\nfrom shop.shared.generated.orders import Order\n\n"
        '__all__ = ["Item", "Order"]\n'
    )
    assert text_of(tmp_path, "send/generated/models") == (
        "from shop.shared.generated.base import ContractModel\n"
        "from shop.shared.generated.items import Item\nfrom shop.shared.generated.orders import Order\n\n"
        '__all__ = ["Gift", "Item", "Order", "Parcel"]\n\n\n'
        "class Parcel(ContractModel):\n    order: Order\n    first: Item\n\n\n"
        "class Gift(Order):\n    to: str | None = None\n"
    )


def test_a_type_is_one_class(tmp_path: Path, modules: Any) -> None:
    """What one workflow makes is an instance of what the other takes; a model that inherits knows absent fields."""
    write(tmp_path, PROJECT)
    generate(tmp_path)
    take, send = modules("take.generated.models"), modules("send.generated.models")
    assert take.Order is send.Order is modules("shared.generated.orders").Order
    order = take.Order(id="1", items=[{"sku": "a", "size": {"cm": 2}}])
    parcel = send.Parcel(order=order, first=order.items[0])
    assert parcel.order is order
    assert parcel.model_dump(mode="json")["order"] == {"id": "1", "items": [{"sku": "a", "size": {"cm": 2.0}}]}
    assert send.Gift(id="1", items=[]).model_dump(mode="json") == {"id": "1", "items": []}


def test_a_model_with_optional_fields_may_inherit_from_a_shared_one_without(tmp_path: Path, modules: Any) -> None:
    """Absent fields are omitted, and the shared model's other fields are still allowed."""
    shared = "flowgen: 1\ntypes:\n  Open: {type: object, properties: {id: {type: string}}, required: [id]}\n"
    gift = "{Gift: {allOf: [{$ref: '#/$defs/Open'}, {type: object, properties: {to: {type: string}}}]}}"
    text = workflow("send", "../contracts/open.yaml", {"send_order": "{input: Gift}"}, gift)
    write(tmp_path, PROJECT | {"contracts/open.yaml": shared, "workflows/send.yaml": text})
    generate(tmp_path)
    assert "class Gift(SparseModel, Open):\n    to: str | None = None\n" in text_of(tmp_path, "send/generated/models")
    assert modules("send.generated.models").Gift(id="1", more=2).model_dump(mode="json") == {"id": "1", "more": 2}


SIGNED = """from shop.{of}.generated import contracts
from shop.{of}.generated.contracts import StepContext
from shop.{of}.generated.models import {names}


@contracts.{name}
def {name}(event: {takes}, context: StepContext) -> {gives}:
    return {value}
"""


def test_type_checkers_see_one_class(tmp_path: Path) -> None:
    """A function of one workflow accepts the types and the context of another, for mypy, strict."""
    write(tmp_path, PROJECT)
    generate(tmp_path)
    take = {"of": "take", "names": "Item, Order", "name": "take_order", "takes": "Order", "gives": "Item"}
    send = {"of": "send", "names": "Order, Parcel", "name": "send_order", "takes": "Order", "gives": "Parcel"}
    write(
        tmp_path,
        {
            "src/shop/take/take_order.py": SIGNED.format(**take, value="event.items[0]"),
            "src/shop/send/send_order.py": SIGNED.format(**send, value="Parcel(order=event, first=event.items[0])"),
            "src/both.py": (
                "from shop.send.send_order import send_order\n"
                "from shop.take.generated.contracts import StepContext\n"
                "from shop.take.generated.models import Item, Order\nfrom shop.take.take_order import take_order\n\n\n"
                "def both(order: Order, context: StepContext) -> list[Item]:\n"
                "    return [take_order(order, context), send_order(order, context).first]\n"
            ),
        },
    )
    mypy = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "src"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert mypy.stdout.splitlines()[:-1] == []


def test_one_workflow_alone_gives_the_same(tmp_path: Path) -> None:
    """The module of a file does not depend on which workflows are worked on, nor does generating one remove others."""
    write(tmp_path, PROJECT)
    generate(tmp_path, "workflows/send.yaml")
    alone = text_of(tmp_path, "shared/generated/orders")
    assert [change for change in generate(tmp_path) if "shared" in change] == []
    assert text_of(tmp_path, "shared/generated/orders") == alone
    assert generate(tmp_path, "workflows/take.yaml") == []


def test_what_no_workflow_uses_any_more_is_removed(tmp_path: Path) -> None:
    """A module goes when all workflows are there and none has types from the file; of a gone workflow, all goes."""
    write(tmp_path, PROJECT)
    generate(tmp_path)
    own = workflow("take", "[]", {"take_order": "{input: Own, output: Own}"}, "{Own: {fields: {id: string}}}")
    write(tmp_path, {"workflows/take.yaml": own})
    generate(tmp_path, "workflows/take.yaml")
    assert (tmp_path / "src/shop/shared/generated/orders.py").is_file()
    (tmp_path / "workflows/send.yaml").unlink()
    done = generate(tmp_path)
    assert {line for line in done if "shared" in line} == {
        f"remove src/shop/shared/generated/{name}.py" for name in ("items", "orders")
    }
    assert "remove src/shop/send/generated/contracts.py" in done
    assert (tmp_path / "src/shop/send/send_order.py").is_file()
    assert generate(tmp_path) == []


def test_copies_of_the_runtime_are_removed(tmp_path: Path) -> None:
    """Those of each workflow, as flowgen wrote them until 2026-11-30; files that it did not write stay."""
    write(tmp_path, PROJECT)
    generate(tmp_path)
    own = PurePosixPath("src/shop/take/generated")
    copies = {own / f"{name}.py" for name in ("base", "direct", "json_values", "runtime", "task_tokens")}
    for path in copies:
        text = generated_file(path, '"""A copy."""\n', "workflows/take.yaml").text
        write(tmp_path, {str(path): text, f"{own}/mine.py": "from . import runtime\n"})
    assert generate(tmp_path) == [f"remove {path}" for path in sorted(copies)]
    assert generate(tmp_path) == []
    assert (tmp_path / own / "mine.py").is_file()


def test_a_copy_of_the_runtime_that_was_edited_is_reported(tmp_path: Path) -> None:
    """An edit is never lost without a word."""
    write(tmp_path, PROJECT)
    generate(tmp_path)
    path = PurePosixPath("src/shop/take/generated/runtime.py")
    write(tmp_path, {str(path): generated_file(path, '"""A copy."""\n', "workflows/take.yaml").text + "x = 1\n"})
    assert problems(tmp_path) == [("FG602", f"`{path}` is obsolete, but was edited by hand")]


@pytest.mark.parametrize("name", ["runtime", "base", "task_tokens"])
def test_a_file_of_types_may_be_called_like_a_module_of_the_runtime(tmp_path: Path, name: str) -> None:
    """The runtime keeps its names."""
    types = "flowgen: 1\ntypes:\n  Order: {fields: {id: string}}\n"
    text = workflow("take", f"../contracts/{name}.yaml", {"take_order": "{input: Order}"})
    files = {"pyproject.toml": SETTINGS, f"contracts/{name}.yaml": types, "workflows/take.yaml": text}
    write(tmp_path, files)
    generate(tmp_path)
    assert "class Order(" in text_of(tmp_path, f"shared/generated/{name}_types")
    assert "class EntryPoint" in text_of(tmp_path, "shared/generated/runtime")


def test_the_shared_package_may_be_that_of_a_workflow_while_no_types_are_shared(tmp_path: Path, modules: Any) -> None:
    """The runtime has none of the names of the workflow's own modules."""
    text = workflow("shared", "[]", {"take_order": "{input: Own, output: Own}"}, "{Own: {fields: {id: string}}}")
    write(tmp_path, {"pyproject.toml": PROJECT["pyproject.toml"], "workflows/shared.yaml": text})
    assert generate(tmp_path) != []
    assert generate(tmp_path) == []
    assert modules("shared.generated.entry_points.take_order").handler
    assert modules("shared.generated.contracts").StepContext is modules("shared.generated.runtime").StepContext


def test_files_in_a_circle(tmp_path: Path, modules: Any) -> None:
    """Their types are together, and are had from the module of each."""
    write(
        tmp_path,
        {
            **PROJECT,
            "contracts/items.yaml": "flowgen: 1\nimport: orders.yaml\ntypes:\n  Item: {fields: {of?: Order}}\n",
        },
    )
    generate(tmp_path)
    items, orders = modules("shared.generated.items"), modules("shared.generated.orders")
    take = modules("take.generated.models")
    assert (items.Item, items.Order) == (take.Item, take.Order)
    assert orders.Order is items.Order
    assert items.Item(of={"id": "1", "items": [{}]}).of.items == [items.Item()]
    assert text_of(tmp_path, "shared/generated/orders") == 'from .items import Order\n\n__all__ = ["Order"]\n'
    assert generate(tmp_path) == []


SCHEMA = {
    "type": "object",
    "properties": {"street": {"$ref": "#/$defs/street"}, "next": {"$ref": "#"}},
    "required": ["street"],
    "$defs": {"street": {"type": "object", "properties": {"name": {"type": "string"}}}},
}


def test_schemas_in_files_are_shared(tmp_path: Path, modules: Any) -> None:
    """The types of a JSON Schema are named after its file, whatever workflows call them."""
    reference = "{$ref: ../schemas/address.json}"
    library = "flowgen: 1\ntypes: {Home: {$ref: ../schemas/address.json}, House: {fields: {at: Home}}}\n"
    write(
        tmp_path,
        {
            "pyproject.toml": SETTINGS,
            "schemas/address.json": json.dumps(SCHEMA),
            "contracts/homes.yaml": library,
            "workflows/a.yaml": workflow("a", "[]", {"f": "{input: Address}"}, f"{{Address: {reference}}}"),
            "workflows/b.yaml": workflow(
                "b",
                "../contracts/homes.yaml",
                {"f": f"{{input: {reference}, output: House, errors: {{Lost: Street}}}}"},
                "{Street: {$ref: '../schemas/address.json#/$defs/street'}, To: {fields: {a: "
                "{$ref: ../schemas/address.json}}}}",
            ),
        },
    )
    generate(tmp_path)
    assert [path.name for path in sorted((tmp_path / "src/shop/shared/generated").iterdir())] == [
        *("__init__.py", "address.py", "base.py", "direct.py", "homes.py", "json_values.py", "runtime.py")
    ]
    address, a, b = modules("shared.generated.address"), modules("a.generated.models"), modules("b.generated.models")
    assert (a.Address, b.FInput, b.Street) == (address.Address, address.Address, address.AddressStreet)
    assert modules("shared.generated.homes").House(at=address.Address(street={})).at.street == address.AddressStreet()
    assert b.To(a={"street": {}}).a == address.Address(street=address.AddressStreet())
    handler = modules("b.generated.entry_points.f")
    assert handler._entry_point.input_type.validate_python({"street": {}}) == address.Address(street={})


def test_a_type_that_needs_the_workflow_stays_with_it(tmp_path: Path) -> None:
    """A file may refer to what only the workflow declares: then its type is not the same for all."""
    open_ = (
        "flowgen: 1\ntypes: {Box: {fields: {of: Thing}}, Lid: {fields: {on: 'Box[]'}}, Nail: {fields: {mm: integer}}}\n"
    )
    both = "{{Thing: {{fields: {{{name}: string}}}}}}"
    write(
        tmp_path,
        {
            "pyproject.toml": SETTINGS,
            "box.yaml": open_,
            **{
                f"workflows/{name}.yaml": workflow(
                    name, "../box.yaml", {"f": "{input: Lid, output: Nail}"}, both.format(name=name)
                )
                for name in ("a", "b")
            },
        },
    )
    generate(tmp_path)
    assert "class Lid(ContractModel):\n    on: list[Box]\n" in text_of(tmp_path, "a/generated/models")
    assert "class Thing(ContractModel):\n    b: str\n" in text_of(tmp_path, "b/generated/models")
    assert "class Nail(ContractModel):\n    mm: int\n" in text_of(tmp_path, "shared/generated/box")
    assert "Box" not in text_of(tmp_path, "shared/generated/box")


def test_types_that_differ_by_workflow_are_reported(tmp_path: Path) -> None:
    """A file must import what its types refer to, where two workflows would give it different ones."""
    write(
        tmp_path,
        {
            "pyproject.toml": SETTINGS,
            "box.yaml": "flowgen: 1\ntypes: {Box: {fields: {of: Thing}}}\n",
            "a_thing.yaml": "flowgen: 1\ntypes: {Thing: string}\n",
            "b_thing.yaml": "flowgen: 1\ntypes: {Thing: integer}\n",
            **{
                f"workflows/{name}.yaml": workflow(name, f"[../box.yaml, ../{name}_thing.yaml]", {"f": "{input: Box}"})
                for name in ("a", "b")
            },
        },
    )
    assert problems(tmp_path) == [("FG605", "the types of `box.yaml` differ between `b` and `a`")]


def test_modules_of_one_name_are_reported(tmp_path: Path) -> None:
    """Two files that would have one module; the place is where one of them is imported."""
    write(
        tmp_path,
        {
            **PROJECT,
            "other/orders.yml": "flowgen: 1\ntypes: {Third: string}\n",
            "workflows/third.yaml": workflow("third", "../other/orders.yml", {"f": "{input: Third}"}),
        },
    )
    [problem] = planned(tmp_path).diagnostics
    assert (problem.code, problem.message) == (
        "FG605",
        "`contracts/orders.yaml` and `other/orders.yml` would have the same module, `orders`",
    )
    assert problem.span is not None
    assert (problem.span.file, problem.span.start.line) == ("workflows/third.yaml", 3)


def test_a_workflow_cannot_use_the_shared_package(tmp_path: Path) -> None:
    """A workflow named like the package of shared code is an error."""
    write(
        tmp_path,
        {**PROJECT, "workflows/shared.yaml": workflow("shared", "../contracts/items.yaml", {"f": "{input: Item}"})},
    )
    [(code, message)] = problems(tmp_path)
    assert code == "FG605"
    assert message == "workflow `shared` cannot use the package `shop.shared`, which contains the shared code"


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("a/orders.yaml", "orders"),
        ("order-lines.v2.json", "order_lines_v2"),
        ("OrderLines.yml", "order_lines"),
        ("base.yaml", "base_types"),
        ("class.yaml", "class_types"),
        ("2026.yaml", "types_2026"),
        ("日本.yaml", "types"),
        ('"; import os.yaml', "import_os"),
    ],
)
def test_names_of_modules(file: str, name: str) -> None:
    """A file may be called anything; its module is called like a module."""
    assert module_name(file) == name


def test_circles() -> None:
    """Files that reach each other belong together."""
    files = {"d": {"a"}, "a": {"b", "e"}, "b": {"c"}, "c": {"a"}, "e": set[str]()}
    assert components(files) == [["a", "b", "c"], ["d"], ["e"]]
