"""What the generated entry points do when Lambda calls them."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.unit.backends.python.conftest import CONTEXT, Project

Echo = Callable[[str], Project]


def violation(project: Project, call: Callable[[], Any]) -> str:
    """The message of the ContractViolation that a call ends in."""
    with pytest.raises(project.module("runtime").ContractViolation) as caught:
        call()
    assert type(caught.value).__name__ == "ContractViolation"
    return str(caught.value)


@pytest.fixture
def filling(project: Project) -> Project:
    project.add(
        """flowgen: 1
name: place_order
types:
  Line:
    fields: {sku: string = none, count: integer = 1}
  Thing:
    fields:
      coupon?: string
      note: string?
      both?: string?
      priority: integer = 0
      nothing: string? = null
      lines: 'Line[] = [{"sku": "a"}]'
functions:
  echo: {input: Thing, output: Thing}
"""
    )
    project.code("echo", "def echo(event, context):\n    return event\n")
    return project


FILLED = {"note": None, "priority": 0, "nothing": None, "lines": [{"sku": "a", "count": 1}]}


def test_what_is_absent_stays_absent_and_defaults_are_filled(filling: Project) -> None:
    """An optional field left out is left out again, null is null, and each default is there."""
    assert filling.call("echo", {"note": None}) == FILLED


def test_null_is_kept_where_it_is_allowed(filling: Project) -> None:
    """A field that may be absent and may be null tells the two apart."""
    assert filling.call("echo", {"note": None, "both": None}) == FILLED | {"both": None}


def test_values_are_kept(filling: Project) -> None:
    """What was sent wins over defaults."""
    sent = {"coupon": "c", "note": "n", "both": "b", "priority": 3, "nothing": "s", "lines": []}
    assert filling.call("echo", sent) == sent


def test_null_is_rejected_where_only_absence_is_allowed(filling: Project) -> None:
    """`coupon?: string` takes no null, and the message says where it came."""
    message = violation(filling, lambda: filling.call("echo", {"note": None, "coupon": None}))
    assert message == "the input of `echo` breaks its contract: $.coupon: Input should be a valid string, not null"


def test_none_in_python_leaves_an_optional_field_out(filling: Project) -> None:
    """Business code takes a coupon away by setting it to None."""
    filling.code("echo", "def echo(event, context):\n    event.coupon = None\n    return event\n")
    assert filling.call("echo", {"note": None, "coupon": "c"}) == FILLED


def test_default_values_are_not_shared(filling: Project) -> None:
    """One call's changes to a default list are not the next one's default."""
    filling.code("echo", "def echo(event, context):\n    event.lines.append(event.lines[0])\n    return event\n")
    assert len(filling.call("echo", {"note": None})["lines"]) == 2
    assert len(filling.call("echo", {"note": None})["lines"]) == 2


def test_all_problems_are_named_with_their_paths(echo: Echo) -> None:
    """A message names each path that failed, in the terms of JSON."""
    project = echo(
        "fields: {lines: {type: array, items: {$ref: '#/$defs/Line'}}, class: integer, u: integer | boolean}"
    )
    event = {"lines": [{"sku": 1}, {}], "class": "x", "u": {}, "more": 1}
    assert violation(project, lambda: project.call("echo", event)) == (
        "the input of `echo` breaks its contract: $.lines[0].sku: Input should be a valid string; "
        "$.lines[1].sku: Field required; $.class: Input should be a valid integer; "
        "$.u: Input should be a valid integer; $.u: Input should be a valid boolean; "
        "$.more: Extra inputs are not permitted"
    )


def test_many_problems_are_counted(echo: Echo) -> None:
    """A message stays short, whatever came in."""
    project = echo("type: array\nitems: {type: integer}")
    message = violation(project, lambda: project.call("echo", ["x"] * 12))
    assert message.count("valid integer") == 10
    assert message.endswith("; and 2 more")


def test_a_message_does_not_hold_what_came_in(echo: Echo) -> None:
    """Values may be personal data, and messages end in logs."""
    project = echo("fields: {name: integer}")
    message = violation(project, lambda: project.call("echo", {"name": "Ada Lovelace"}))
    assert "Ada" not in message


def test_a_message_does_not_hold_a_tag(project: Project) -> None:
    """That of a record that is none of a union's; the tags that there are, are named."""
    project.add("""flowgen: 1
name: place_order
types:
  Card: {fields: {kind: {const: card}}}
  Cash: {fields: {kind: {const: cash}}}
  Paid: {one_of: {card: Card, cash: Cash}, tag: kind}
functions: {echo: {input: {fields: {by: Paid}}}}
""")
    project.code("echo", "def echo(event, context):\n    return None\n")
    message = violation(project, lambda: project.call("echo", {"by": {"kind": "4111 1111"}}))
    assert message == (
        "the input of `echo` breaks its contract: $.by: Input tag found using 'kind' should be 'card', 'cash'"
    )


def test_a_message_is_bounded(echo: Echo) -> None:
    """Even if the keys in the path to the problem are long."""
    project = echo("type: object\nadditionalProperties: {type: integer}")
    message = violation(project, lambda: project.call("echo", {"k" * 5_000: "x"}))
    assert message.startswith("the input of `echo` breaks its contract: $.kkk")
    assert len(message) < 1_100


@pytest.mark.parametrize("value", ["1", True, None, 1.5, "2026-01-01"])
def test_only_integers_are_integers(echo: Echo, value: Any) -> None:
    """JSON has types, and texts that look like numbers are none."""
    project = echo("integer")
    message = violation(project, lambda: project.call("echo", value))
    null = ", not null" if value is None else ""
    assert message == f"the input of `echo` breaks its contract: $: Input should be a valid integer{null}"


def test_a_number_without_a_fraction_is_an_integer(echo: Echo) -> None:
    """JSON Schema has 3.0 as an integer, and JSONata computes it."""
    result = echo("fields: {n: integer}").call("echo", {"n": 3.0})
    assert result == {"n": 3}
    assert isinstance(result["n"], int)


def test_names_of_python_are_not_names_of_json(echo: Echo) -> None:
    """`class_` is how Python has to spell the field `class`, and nobody else."""
    project = echo("fields: {class: string}")
    assert project.call("echo", {"class": "x"}) == {"class": "x"}
    assert "$.class: Field required" in violation(project, lambda: project.call("echo", {"class_": "x"}))


@pytest.mark.parametrize(
    ("format_", "text", "kept"),
    [
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", True),
        ("date", "2026-02-28", True),
        ("date", "2026-02-30", False),
        ("date-time", "2026-02-28T10:00:00Z", True),
        ("date-time", "2026-02-28T10:00:00", False),
        ("time", "10:00:00Z", True),
        ("duration", "PT2H", True),
        ("duration", "2 hours", False),
        ("email", "ada@example.com", True),
        ("email", "ada", False),
        ("email", "ada@example.com\n", False),
        ("uri", "https://example.com", True),
        ("uri", "example.com", False),
        ("uri-reference", "../a?b#c", True),
        ("hostname", "example.com", True),
        ("hostname", "-a", False),
        ("ipv4", "127.0.0.1", True),
        ("ipv4", "127.0.0.256", False),
        ("ipv6", "::1", True),
        ("regex", "^a", True),
    ],
)
def test_formats_are_checked_and_unchanged(echo: Echo, format_: str, text: str, kept: bool) -> None:  # noqa: FBT001 - a parameter of the table
    """A string of a format comes out as it went in; one that is not of it is rejected."""
    project = echo(format_)
    if kept:
        assert project.call("echo", text) == text
    else:
        assert "breaks its contract" in violation(project, lambda: project.call("echo", text))


def test_formats_are_values_in_python(project: Project) -> None:
    """Business code computes with dates and durations, also with those that are defaults."""
    project.add(
        """flowgen: 1
name: place_order
functions:
  later:
    input: {fields: {day: date = 2026-02-28, by: duration = P1D}}
    output: date
"""
    )
    project.code("later", "def later(event, context):\n    return event.day + event.by\n")
    assert project.call("later", {}) == "2026-03-01"
    assert project.call("later", {"day": "2026-01-01", "by": "P2D"}) == "2026-01-03"


@pytest.mark.parametrize(
    ("expression", "good", "bad"),
    [
        ("any", {"a": [1, None]}, None),
        ("object", {"a": 1}, [1]),
        ("null", None, 0),
        ("string?", None, 1),
        ("integer[]", [1, 2], [1, "2"]),
        ("integer[1..2]", [1], []),
        ("integer[2]", [1, 2], [1]),
        ("map<integer?>", {"a": None}, {"a": "x"}),
        ("Line[]", [{"sku": "a"}], [{"sku": 1}]),
        ("Line | integer", 3, "3"),
        ("map<Line[..1]>[]", [{"a": [{"sku": "b"}]}], [{"a": [{"sku": "b"}, {"sku": "c"}]}]),
        ("{enum: [a, 1, null]}", None, "b"),
        ("{type: string, minLength: 2}", "ab", "a"),
        ("{fields: {a: integer}}", {"a": 1}, {"a": None}),
        ("{type: object, properties: {a: {type: integer}}}", {"a": 1, "more": [2]}, {"a": None}),
        ("{type: object, properties: {}, additionalProperties: {type: integer}}", {"x": 1}, {"x": "y"}),
        (
            "{type: object, properties: {a: {type: string}}, additionalProperties: {type: integer}}",
            {"x": 1},
            {"x": "y"},
        ),
        ("{type: object, additionalProperties: false}", {}, {"x": 1}),
        ("{$ref: '#/$defs/Line'}", {"sku": "a"}, {}),
        ("{type: array, items: {$ref: '#/$defs/Own'}, $defs: {Own: {const: 7}}}", [7], [8]),
    ],
)
def test_types_where_they_are_used(project: Project, expression: str, good: Any, bad: Any) -> None:
    """Every type is checked as a function's input and output."""
    text = json.dumps(expression) if not expression.startswith("{") else expression
    project.add(
        "flowgen: 1\nname: place_order\ntypes:\n  Line: {fields: {sku: string}}\n"
        f"functions:\n  same: {{input: {text}, output: {text}}}\n  wrong: {{input: any, output: {text}}}"
    )
    for name in ("same", "wrong"):
        project.code(name, f"def {name}(event, context):\n    return event\n")
    assert project.call("same", good) == good
    if bad is not None:
        for name, side in (("same", "input"), ("wrong", "output")):
            message = violation(project, lambda name=name: project.call(name, bad))  # type: ignore[misc]
            assert message.startswith(f"the {side} of `{name}` breaks its contract: $")


TAGGED = """flowgen: 1
name: place_order
types:
  Card: {fields: {method: [card], number: string}}
  Invoice: {fields: {method: [invoice], address: string}}
  Payment: {one_of: {card: Card, invoice: Invoice}, tag: method}
  Tree: {fields: {value: integer, children: "Tree[] = []", payment?: Payment}}
functions:
  echo: {input: Tree, output: Tree}
  kind: {input: Payment, output: string}
"""


def test_tagged_unions_and_recursion(project: Project) -> None:
    """The tag chooses the class; a type may hold itself."""
    project.add(TAGGED)
    project.code("echo", "def echo(event, context):\n    return event\n")
    project.code("kind", "def kind(event, context):\n    return type(event).__name__\n")
    tree = {"value": 1, "children": [{"value": 2, "children": []}], "payment": {"method": "card", "number": "4"}}
    assert project.call("echo", tree) == tree
    assert project.call("kind", {"method": "invoice", "address": "a"}) == "Invoice"
    message = violation(project, lambda: project.call("kind", {"method": "card", "address": "a"}))
    assert message == (
        "the input of `kind` breaks its contract: $.number: Field required; $.address: Extra inputs are not permitted"
    )


def test_plain_values_are_taken_if_they_fit(filling: Project) -> None:
    """A dict in the place of a model is checked, and filled, like any other output."""
    filling.code("echo", "def echo(event, context):\n    return {'note': 'n'}\n")
    assert filling.call("echo", {"note": None}) == FILLED | {"note": "n"}


def test_a_model_that_was_spoilt_is_rejected(filling: Project) -> None:
    """Assignments are not checked when they are made; the output is."""
    filling.code("echo", "def echo(event, context):\n    event.priority = 'high'\n    return event\n")
    message = violation(filling, lambda: filling.call("echo", {"note": None}))
    assert message == "the output of `echo` breaks its contract: $.priority: Input should be a valid integer"


def test_an_output_that_is_not_json_is_rejected(echo: Echo) -> None:
    """What can't be written as JSON is a violation as well."""
    project = echo("any")
    project.code("echo", "def echo(event, context):\n    return object()\n")
    assert "the output of `echo` can't be written as JSON" in violation(project, lambda: project.call("echo", 1))


def test_async_code(echo: Echo) -> None:
    """A coroutine is awaited."""
    project = echo("string")
    project.code("echo", "async def echo(event, context):\n    return event * 2\n")
    assert project.call("echo", "ab") == "abab"


ERRORS = """flowgen: 1
name: place_order
functions:
  send:
    input: string
    output: string
    errors:
      MailboxFull: {fields: {size: integer, since?: date}}
      Refused: string
  other: {input: any, output: any, errors: [Busy]}
"""


def send(project: Project, code: str) -> BaseException:
    project.add(ERRORS)
    project.code("send", f"from .generated import contracts, models\n\ndef send(event, context):\n    {code}\n")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the caller looks at it
        project.call("send", "x")
    return caught.value


def test_a_declared_error_carries_its_details_as_json(project: Project) -> None:
    """The class is what the workflow catches, the text is what it parses."""
    error = send(project, "raise contracts.MailboxFull(models.MailboxFullDetails(size=3))")
    assert type(error).__name__ == "MailboxFull"
    assert json.loads(str(error)) == {"size": 3}


def test_details_may_be_of_any_type(project: Project) -> None:
    """The details of an error are whatever its type says."""
    error = send(project, "raise contracts.Refused('no')")
    assert (type(error).__name__, str(error)) == ("Refused", '"no"')


def test_details_are_checked_against_their_type(project: Project) -> None:
    """Wrong details would break the workflow where it reads them."""
    error = send(project, "raise contracts.Refused(3)")
    assert type(error).__name__ == "ContractViolation"
    assert str(error) == "the error `Refused` breaks its contract: $: Input should be a valid string"


def test_an_error_without_details_has_a_message(project: Project) -> None:
    """An error that declares no details says what it was given to say."""
    project.add(ERRORS)
    error = project.module("contracts").Busy("come back later")
    assert str(error) == "come back later"


def test_undeclared_errors_pass(project: Project) -> None:
    """A bug in the code is reported as what it is."""
    assert isinstance(send(project, "raise KeyError('x')"), KeyError)


class LambdaContext:
    """What Lambda passes, as far as it is used."""

    def get_remaining_time_in_millis(self) -> int:
        return 2500


def test_the_context_of_a_step(echo: Echo) -> None:
    """The envelope's context and Lambda's are one to the business code."""
    project = echo("any")
    project.code("echo", "seen = []\n\ndef echo(event, context):\n    seen.append(context)\n")
    raw, token = LambdaContext(), "T"
    project.call("echo", None, raw, attempt=2, task_token=token, further="later versions may say more")
    import shop.place_order.echo as module  # type: ignore[import-not-found]

    context = module.seen[0]
    assert context.execution_id == CONTEXT["execution_id"]
    assert (context.execution_name, context.workflow, context.step) == ("one", "place_order", "first")
    assert context.started_at == datetime(2026, 3, 1, 12, 0, 0, 500_000, tzinfo=UTC)
    assert (context.attempt, context.task_token) == (2, token)
    assert context.remaining_time == timedelta(seconds=2.5)
    assert context.lambda_context is raw


def test_the_context_outside_of_lambda(echo: Echo) -> None:
    """Without Lambda there is no remaining time, and without a callback no token."""
    project = echo("any")
    project.code("echo", "def echo(event, context):\n    return [context.remaining_time, context.task_token]\n")
    assert project.call("echo", None) == [None, None]


def test_the_idempotency_key(echo: Echo) -> None:
    """It is the same on every attempt, and another one for another execution, step, or round of a loop.

    What the step sends is not part of it: an expression such as `$uuid()` is evaluated again for each attempt.
    """
    project = echo("any")
    project.code("echo", "def echo(event, context):\n    return context.idempotency_key\n")
    key = project.call("echo", "drawn once")
    assert key == project.call("echo", "drawn again", attempt=3)
    others = [
        project.call("echo", "drawn once", step="second"),
        project.call("echo", "drawn once", execution_id="other"),
        project.call("echo", "drawn once", iteration=[0]),
        project.call("echo", "drawn once", iteration=[1]),
        project.call("echo", "drawn once", iteration=[1, 0]),
    ]
    assert len({key, *others}) == 6


@pytest.mark.parametrize(
    "event", [None, {"name": "Ada"}, {"input": 1}, {"context": CONTEXT}, {"input": 1, "context": 2}]
)
def test_a_bare_event_is_rejected(echo: Echo, event: Any) -> None:
    """The message says what the function accepts."""
    project = echo("any")
    handler = project.module("entry_points.echo").handler
    message = violation(project, lambda: handler(event, None))
    assert message.startswith('`echo` was not called by its workflow: it expects {"input": …, "context": {')


@pytest.mark.parametrize("missing", sorted(CONTEXT))
def test_an_incomplete_context_is_rejected(echo: Echo, missing: str) -> None:
    """What lacks is named."""
    project = echo("any")
    handler = project.module("entry_points.echo").handler
    context = {key: value for key, value in CONTEXT.items() if key != missing}
    message = violation(project, lambda: handler({"input": 1, "context": context}, None))
    assert message == f"the context of `echo` has no `{missing}`"


def test_a_bad_start_time_is_rejected(echo: Echo) -> None:
    """A time that can't be read is a violation, too."""
    project = echo("any")
    message = violation(project, lambda: project.call("echo", 1, started_at="yesterday"))
    assert message == "`started_at` in the context of `echo` is not an ISO 8601 time"


def test_a_bad_iteration_is_rejected(echo: Echo) -> None:
    """It is reported for what it is."""
    project = echo("integer")
    told = violation(project, lambda: project.call("echo", 1, iteration=5))
    assert told == "`iteration` in the context of `echo` is not an array"


def test_an_existing_callable(project: Project) -> None:
    """`python:` puts a callable of the project in the place of a stub."""
    project.add(
        """flowgen: 1
name: place_order
functions:
  double: {input: integer, output: integer, python: "mail_things:Sender.double"}
"""
    )
    (project.root / "src" / "mail_things.py").write_text(
        "class Sender:\n    @staticmethod\n    def double(event, context):\n        return event * 2\n",
        encoding="utf-8",
    )
    assert project.call("double", 4) == 8
    assert not (project.root / "src/shop/place_order/double.py").exists()


def test_a_stub_says_that_it_is_one(project: Project) -> None:
    """Calling a function without code is a separate error."""
    project.add("flowgen: 1\nname: place_order\nfunctions:\n  send: {input: any, output: any}")
    with pytest.raises(NotImplementedError):
        project.call("send", 1)


HANDLERS = """flowgen: 1
name: place_order
types:
  Item: {fields: {sku: string, count: integer = 1, at?: date}}
  Price: {fields: {amount: number, count?: integer}}
functions:
  price: {handler: "shop.prices:handle", input: Item, output: Price}
  object: {handler: "shop.prices:prices.handle", input: Item, output: Price}
  later: {handler: "shop.prices:later", input: Item, output: Price}
  bare: {handler: "shop.prices:echo", input: string, output: any}
"""
LAMBDA_CODE = """
from decimal import Decimal

SEEN = []
ANSWER = {"amount": Decimal("9.5")}

def handle(event, context):
    SEEN.append((event, context))
    return ANSWER

async def later(event, context):
    return handle(event, context)

def echo(event, context):
    return [event, Decimal(3), (1, 2), {4: True}]

class Prices:
    def handle(self, event, context):
        return {"amount": 2, "count": event["count"]}

prices = Prices()
"""


@pytest.fixture
def handlers(project: Project) -> Project:
    project.add(HANDLERS)
    (project.root / "src/shop/prices.py").write_text(LAMBDA_CODE)
    importlib.invalidate_caches()
    return project


@pytest.mark.parametrize("name", ["price", "later"])
def test_handler_is_called_as_lambda_calls_it(handlers: Project, name: str) -> None:
    """It gets plain values with defaults filled in, and Lambda's context; its `Decimal` is a number."""
    context = object()
    envelope = {"input": {"sku": "a", "at": "2026-03-01"}, "context": CONTEXT}
    assert handlers.module(f"entry_points.{name}").handler(envelope, context) == {"amount": 9.5}
    [(event, given)] = importlib.import_module("shop.prices").SEEN
    assert event == {"sku": "a", "count": 1, "at": "2026-03-01"}
    assert type(event) is dict
    assert given is context


def test_contract_around_a_handler(handlers: Project) -> None:
    """A wrong input does not reach it, and a wrong output does not leave it."""
    handlers.module("entry_points.price")
    code: Any = importlib.import_module("shop.prices")
    assert "$.sku: Field required" in violation(handlers, lambda: handlers.call("price", {}))
    assert code.SEEN == []
    code.ANSWER = {"amount": "9.5"}
    assert "the output of `price`" in violation(handlers, lambda: handlers.call("price", {"sku": "a"}))
    code.ANSWER = {"amount": object()}
    assert "can't be written as JSON" in violation(handlers, lambda: handlers.call("price", {"sku": "a"}))


def test_method_of_an_object_and_plain_values(handlers: Project) -> None:
    """The method of an object in the module, and results of any type, as Lambda writes them."""
    assert handlers.call("object", {"sku": "a", "count": 4}) == {"amount": 2, "count": 4}
    assert handlers.call("bare", "x") == ["x", 3.0, [1, 2], {"4": True}]


OUTSIDE = """flowgen: 1
name: place_order
types:
  Day: {fields: {day: date, note: string = none}}
functions:
  page: {url: {auth: iam}}
  tally: {standalone: true, input: Day, output: integer, errors: [TooEarly]}
  old: {standalone: true, input: Day, output: integer, handler: "shop.old:handler"}
"""


@pytest.fixture
def outside(project: Project) -> Project:
    project.add(OUTSIDE)
    project.code("page", "async def page(event, context):\n    return {'statusCode': 200, 'body': event['rawPath']}\n")
    project.code("tally", "def tally(event, context):\n    return len(event.note) if context is None else context\n")
    (project.root / "src/shop/old.py").write_text("def handler(event, context):\n    return len(event['note'])\n")
    importlib.invalidate_caches()
    return project


def test_functions_called_from_outside_receive_the_event_itself(outside: Project) -> None:
    """Without an envelope, with defaults filled in, and with Lambda's context; a request keeps all its fields."""
    assert outside.module("entry_points.page").handler({"rawPath": "/a", "other": 1}, None) == {
        "statusCode": 200,
        "body": "/a",
    }
    assert outside.module("entry_points.tally").handler({"day": "2026-03-01"}, None) == 4
    assert outside.module("entry_points.tally").handler({"day": "2026-03-01"}, 7) == 7
    assert outside.module("entry_points.old").handler({"day": "2026-03-01", "note": "ab"}, None) == 2


def test_contract_of_a_function_called_from_outside(outside: Project) -> None:
    """Its input and its output are checked."""
    tally = outside.module("entry_points.tally").handler
    assert "$.day: Field required" in violation(outside, lambda: tally({}, None))
    assert "the output of `tally`" in violation(outside, lambda: tally({"day": "2026-03-01"}, "7"))


def test_stub_of_a_function_called_from_outside(project: Project) -> None:
    """Undeclared types of a function with a URL are those of HTTP."""
    project.add(OUTSIDE)
    stubs = {name: (project.root / f"src/shop/place_order/{name}.py").read_text("utf-8") for name in ("page", "tally")}

    assert "def page(event: UrlRequest, context: LambdaContext) -> UrlResponse:" in stubs["page"]
    assert "from shop.shared.generated.lambda_handlers import LambdaContext, UrlRequest, UrlResponse" in stubs["page"]
    assert "def tally(event: Day, context: LambdaContext) -> int:" in stubs["tally"]
