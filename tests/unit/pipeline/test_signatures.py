"""Signatures of existing code: those that cannot be called with the contract are reported, all others are not."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_paths

FLOW = """\
flowgen: 1
name: quote
types:
  Item: {{fields: {{sku: string}}}}
functions:
  price: {{{key}: "shop.prices:{name}", input: "{input}", output: "{output}"}}
steps:
  - {{id: priced, call: price, with: {value}}}
"""
VALUES = {
    "Item": "{sku: a}",
    "string": "a",
    "integer": "1",
    "string[]": "[a]",
    "map<string>": "{a: a}",
    "any": "1",
    "Item?": "null",
}
MODEL = "from quote.generated.models import Item\n"


def _reported(
    folder: Path, code: str, *, key: str, name: str = "price", input_: str = "Item", output: str = "any"
) -> list[Diagnostic]:
    (folder / "workflows").mkdir()
    (folder / "src/shop").mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[tool.flowgen]\n")
    (folder / "src/shop/__init__.py").touch()
    (folder / "src/shop/prices.py").write_text(textwrap.dedent(code))
    text = FLOW.format(key=key, name=name, input=input_, output=output, value=VALUES[input_])
    (folder / "workflows/quote.yaml").write_text(text)
    # `Item` and the function itself may be unused.
    return [found for found in check_paths((), folder).diagnostics if found.code != "FG209"]


TOO_FEW = "def price(event): ..."
METHOD = "class Prices:\n    def price(self, event, context): ...\n"
AS_LAMBDA = "def price(event: dict, context: LambdaContext) -> dict: ..."
AS_STUB = f"{MODEL}def price(event: Item, context: StepContext) -> Item: ..."

PLAIN = "`price` expects `Dict[str, str]`, but receives a model"
NO_LIST = "`price` expects `list | None`, which is not its `input`"


@pytest.mark.parametrize(
    ("key", "code", "message"),
    [
        ("handler", TOO_FEW, "`price` takes 1 argument"),
        ("python", TOO_FEW, "`price` takes 1 argument"),
        ("handler", "def price(): ...", "`price` takes 0 arguments"),
        ("handler", "def price(event, context, extra): ...", "`price` takes 3 arguments"),
        ("handler", "async def price(event): ...", "`price` takes 1 argument"),
        ("handler", "def price(event, context, *, table): ...", "`price` requires the keyword argument `table`"),
        ("python", AS_LAMBDA, "`price` expects Lambda's context, but receives a `StepContext`"),
        ("handler", AS_STUB, "`price` expects a `StepContext`, but receives Lambda's context"),
        ("handler", f"{MODEL}def price(event: Item, context): ...", "`price` expects a model, but receives a `dict`"),
        ("python", "def price(event: Dict[str, str], context): ...", PLAIN),
        ("python", "def price(event: 'dict', context): ...", "`price` expects `dict`, but receives a model"),
        ("handler", "def price(event: str, context): ...", "`price` expects `str`, which is not its `input`"),
        ("handler", "def price(event: list | None, context): ...", NO_LIST),
    ],
)  # fmt: skip
def test_input_that_does_not_fit(key: str, code: str, message: str, tmp_path: Path) -> None:
    """FG603 at the reference, which says what to write instead."""
    [found] = _reported(tmp_path, code, key=key)
    assert (found.code, found.message) == ("FG603", message)
    assert found.help


@pytest.mark.parametrize(
    ("output", "returns", "fits"),
    [
        ("Item", "dict[str, str]", True),
        ("Item", "Item", True),
        ("Item", "object", True),
        ("Item", "str", False),
        ("Item", "None", False),
        ("Item?", "None", True),
        ("Item?", "Optional[dict]", True),
        ("string", "str", True),
        ("string", "str | None", True),
        ("string", "int", False),
        ("number", "int", True),
        ("integer", "float", True),
        ("integer", "bytes", False),
        ("string[]", "list[str]", True),
        ("string[]", "dict", False),
        ("any", "None", True),
    ],
)
def test_output(output: str, returns: str, fits: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the test
    """A return type that shares no value with `output` is reported."""
    found = _reported(tmp_path, f"def price(event, context) -> {returns}: ...", key="handler", output=output)
    expected = [] if fits else [("FG603", f"`price` returns `{returns}`, which is not its `output`")]
    assert [(one.code, one.message) for one in found] == expected


@pytest.mark.parametrize(
    ("key", "code", "name"),
    [
        ("handler", "def price(event, context): ...", "price"),
        ("handler", "def price(event, context, table=None): ...", "price"),
        ("handler", "def price(*arguments): ...", "price"),
        ("handler", "def price(event, context, *, table=None): ...", "price"),
        ("handler", "async def price(event: dict, context: LambdaContext) -> dict: ...", "price"),
        ("handler", "def price(event: Mapping[str, str], context: object): ...", "price"),
        ("handler", "def price(event: ApiEvent, context: Context): ...", "price"),
        ("handler", "@logger.inject_lambda_context\ndef price(event: dict, context: LambdaContext): ...", "price"),
        ("handler", "@event_source(data_class=Item)\ndef price(event: Item): ...", "price"),
        ("handler", "class Prices:\n    @staticmethod\n    def price(event, context): ...\n", "Prices.price"),
        ("handler", "class Prices:\n    @classmethod\n    def price(cls, event, context): ...\n", "Prices.price"),
        ("handler", f"{METHOD}prices = Prices()\n", "prices.price"),
        ("handler", "price = decorated(lambda event, context: {})", "price"),
        ("python", AS_STUB, "price"),
        ("python", f"from quote.generated import contracts\n@contracts.price\n{AS_STUB}", "price"),
    ],
)
def test_code_that_fits(key: str, code: str, name: str, tmp_path: Path) -> None:
    """Nothing is reported about code that fits, or that decorators and unknown annotations hide."""
    assert _reported(tmp_path, code, key=key, name=name) == []


def test_method_of_a_class(tmp_path: Path) -> None:
    """A method named by its class would receive the event as `self`."""
    [found] = _reported(tmp_path, METHOD, key="handler", name="Prices.price")
    assert found.message == "`price` is a method, which needs an object"


@pytest.mark.parametrize(("input_", "annotation", "fits"), [
    ("string", "str", True), ("string", "dict", False), ("string[]", "list[str]", True), ("map<string>", "dict", True),
    ("integer", "float", True), ("integer", "str", False), ("any", "str", True), ("Item?", "Item | None", True),
])  # fmt: skip
def test_input_of_stub_like_code(input_: str, annotation: str, fits: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a parameter of the test
    """The same for `python`, where a record is a model and everything else is a plain value."""
    found = _reported(tmp_path, f"def price(event: {annotation}, context): ...", key="python", input_=input_)
    assert [one.code for one in found] == ([] if fits else ["FG603"])
