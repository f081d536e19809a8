"""Work grows no faster than about linearly with the size of a file, in every stage, for families of growing files.

Work is the number of lines of flowgen that Python runs, which is the same on every machine. Where a file twice as long
adds twice the work, the work is linear; where it adds four times as much, quadratic.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import flowgen
from flowgen.check.dataflow import values
from flowgen.diagnostics.render import FORMATS
from flowgen.local import execute
from flowgen.pipeline import Build, check_paths, check_text, definition, template

EXAMPLES = Path(__file__).parents[2] / "examples"
PRODUCT = str(Path(flowgen.__file__).parent)
FACTOR = 3.0
"""By how much the added work may grow where the added input doubles: 2 is linear, 4 quadratic."""

HEAD = "flowgen: 1\nname: w\n"


def work(call: Callable[[], object]) -> int:
    """The lines of flowgen that `call` runs."""
    lines = 0

    def local(_frame: FrameType, event: str, _argument: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return local

    def called(frame: FrameType, _event: str, _argument: object) -> Any:
        return local if frame.f_code.co_filename.startswith(PRODUCT) else None

    before = sys.gettrace()
    sys.settrace(called)
    try:
        call()
    finally:
        sys.settrace(before)
    return lines


def _chain(prefix: str, size: int, leaf: str, fields: str) -> str:
    """Types that each name the next one in several fields."""
    links = "".join(f"  {prefix}{i}: {{fields: {fields.format(f'{prefix}{i + 1}')}}}\n" for i in range(size))
    return links + f"  {prefix}{size}: {leaf}\n"


def doubled(size: int, fields: str, source: str, target: str) -> str:
    """A chain of types that is assigned to another one."""
    types = _chain("T", size, source, fields) + _chain("U", size, target, fields)
    return f'{HEAD}input: T0\noutput: U0\ntypes:\n{types}steps: [{{id: a, set: "${{ $input }}"}}]\n'


def called_function(size: int, fields: str, source: str, target: str) -> str:
    """A chain of types that is passed to a function, which sees defaults filled in."""
    types = _chain("T", size, source, fields) + _chain("U", size, target, fields)
    call = 'functions: {f: {input: U0, output: any}}\nsteps: [{id: a, call: f, with: "${ $input }"}]\n'
    return f"{HEAD}input: T0\noutput: any\ntypes:\n{types}{call}"


def ring(size: int, fields: str, source: str, target: str) -> str:
    """Types of which the last one refers to the first: comparing one assumes that all the others fit."""
    types = _chain("T", size, source.replace("}}", ", again: T0?}}"), fields)
    types += _chain("U", size, target.replace("}}", ", again: U0?}}"), fields)
    return f'{HEAD}input: T0\noutput: U0\ntypes:\n{types}steps: [{{id: a, set: "${{ $input }}"}}]\n'


SHAPES = ["{{a: {0}, b: {0}}}", "{{a: '{0}[]', b: 'map<{0}>'}}", "{{a: '{0}?', b: '{0} | string'}}"]
LEAVES = [
    ("{fields: {x: integer}}", "{fields: {x: integer}}"),
    ("{fields: {x: integer}}", "{fields: {x: number}}"),
    ("{fields: {x: any}}", "{fields: {x: integer}}"),
    ("{fields: {x: string}}", "{fields: {x: integer}}"),
]


def assert_linear(stage: Callable[[int], object], sizes: tuple[int, int, int]) -> None:
    """Compare the work that `stage` adds between three sizes, each twice as large as the one before it."""
    stage(2)  # what is loaded once doesn't count
    small, middle, large = (work(lambda size=size: stage(size)) for size in sizes)  # type: ignore[misc]  # a default
    assert large - middle <= FACTOR * (middle - small), (small, middle, large)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([doubled, called_function, ring]), st.sampled_from(SHAPES), st.sampled_from(LEAVES))
def test_comparing_types_that_share_their_parts_is_linear(
    family: Callable[[int, str, str, str], str], fields: str, leaves: tuple[str, str]
) -> None:
    """Each pair of types is compared once, not once for each path to it."""
    assert_linear(lambda size: check_text(family(size, fields, *leaves)), (8, 16, 32))


def one_line(size: int) -> str:
    """A workflow in one line with an error in every other key."""
    keys = "".join(f', "k{index}": 1' for index in range(size))
    return f'{{"flowgen": 1, "name": "w", "output": "any", "steps": [{{"id": "a", "set": 1}}]{keys}}}'


def many_lines(size: int) -> str:
    return one_line(size).replace(", ", ",\n ")


def one_block(size: int) -> str:
    """Findings within a long text of many lines."""
    return f"{HEAD}output: any\nsteps:\n  - id: a\n    set: |\n" + "      ${ nope }\n" * size


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([one_line, many_lines, one_block]), st.sampled_from(sorted(FORMATS)))
def test_rendering_is_linear(family: Callable[[int], str], form: str) -> None:
    """A line is laid out once, however many findings are about it."""
    findings = {size: (check_text(family(size)), {"workflow.yaml": family(size)}) for size in (2, 20, 40, 80)}
    assert_linear(lambda size: FORMATS[form](*findings[size]), (20, 40, 80))


def in_expression(expression: str) -> str:
    return f'{HEAD}input: any\noutput: any\nsteps:\n  - {{id: a, set: "${{ {expression} }}"}}\n'


def in_steps(steps: list[str]) -> str:
    return f"{HEAD}input: any\noutput: any\nsteps:\n" + "".join(f"  - {{{step}}}\n" for step in steps)


def guard(condition: str) -> str:
    return in_steps([f'id: s, if: "{condition}", set: 1'])


CHECKED: dict[str, Callable[[int], str]] = {
    "steps": lambda size: in_steps([f"id: s{i}, set: {i}" for i in range(size)]),
    "guards": lambda size: in_steps([f'id: s{i}, if: "$input.a = {i}", set: {i}' for i in range(size)]),
    "chain": lambda size: in_steps(
        ["id: s0, set: 1", *(f'id: s{i}, set: "${{ $s{i - 1} + 1 }}"' for i in range(1, size))]
    ),
    "sum": lambda size: in_expression("+".join(["1"] * size)),
    "conditions": lambda size: in_expression("".join(f"$input.a{i} = 1 ? {i} : " for i in range(size)) + "0"),
    "and": lambda size: guard(" and ".join(f"$input.a{i} = 1" for i in range(size))),
    "or": lambda size: guard(" or ".join(f"$input.a{i} = 1" for i in range(size))),
    "or of one field": lambda size: guard(" or ".join(f"$input.a = {i}" for i in range(size))),
    "guards in one": lambda size: guard(" and ".join(f"$exists($input.a{i})" for i in range(size))),
    "and of or": lambda size: guard(" and ".join(f"($input.a{i} = 1 or $input.b{i} = 1)" for i in range(size))),
    "branch after and": lambda size: in_expression(" and ".join(f"$input.a{i} = 1" for i in range(size)) + " ? 1 : 2"),
    "members": lambda size: in_expression("{" + ", ".join(f"'a{i}': {i}" for i in range(size)) + "}"),
    "doubled values": lambda size: in_expression(
        f"($b0 := 1; {''.join(f'$b{i} := [$b{i - 1}, $b{i - 1}]; ' for i in range(1, size))}$b{size - 1})"
    ),
}


@pytest.mark.parametrize("family", CHECKED)
def test_checking_is_linear(family: str) -> None:
    assert_linear(lambda size: check_text(CHECKED[family](size)), (10, 20, 40))


def twice(size: int) -> str:
    """Each step holds the value of the one before twice; the types end below a depth where they are cut off."""
    values = (f'id: s{i}, set: {{a: "${{ $s{i - 1} }}", b: "${{ $s{i - 1} }}"}}' for i in range(1, size))
    return in_steps(["id: s0, set: {a: 1}", *values])


def test_values_that_hold_the_one_before_twice() -> None:
    """The two are one type: otherwise each step beyond the depth would double the work."""
    small, large = (work(lambda size=size: check_text(twice(size))) for size in (50, 100))  # type: ignore[misc]  # a default
    assert large < 4 * small


def nested_first(size: int) -> str:
    """`and` and `or` in turn, each around the one before it, as the first operand."""
    condition = "$input.a = 1"
    for index in range(size):
        condition = f"({condition}) {'and' if index % 2 else 'or'} $input.a{index} = 1"
    return guard(condition)


def nested_last(size: int) -> str:
    condition = "$input.a = 1"
    for index in range(size):
        condition = f"$input.a{index} = 1 {'and' if index % 2 else 'or'} ({condition})"
    return guard(condition)


def denied(size: int) -> str:
    return guard(f"{'$not(' * size}$input.a = 1{')' * size}")


@pytest.mark.parametrize("family", [nested_first, nested_last, denied])
def test_conditions_within_each_other(family: Callable[[int], str]) -> None:
    """Each is looked at once for both of its outcomes: looking twice would double the work at each level."""
    small, large = (work(lambda size=size: check_text(family(size))) for size in (10, 20))  # type: ignore[misc]  # a default
    assert large < 5 * small


def nested(pattern: str) -> Callable[[int], str]:
    """Expressions within each other: `{0}` is the inner one, `{1}` the level."""

    def of_size(size: int) -> str:
        expression = "$input.z"
        for level in range(size):
            expression = pattern.format(expression, level)
        return expression

    return of_size


NESTED = {
    "denied and": "$not($input.a{1} and {0})",
    "and denied": "$not({0} and $input.a{1})",
    "denied or": "$not($input.a{1} or {0})",
    "exists": "$exists($input.a{1} and {0})",
    "exists in a condition": "($exists({0}) ? $input.a{1} : $input.b{1})",
    "compared condition": "(({0}) = {1} ? $input.a{1} : $input.b{1})",
    "compared with a field": "(({0}) = $input.a{1} ? $input.b{1})",
    "condition of a condition": "(({0}) ? $input.a{1} : $input.b{1})",
    "passing function": "($uppercase({0}) = 'A' ? 'x' : 'y')",
    "type": "($type({0}) = 'string' ? $input.a{1} : $input.b{1})",
    "member": "({0} in [1, {1}] ? $input.a{1} : $input.b{1})",
    "count": "($count({0}) > {1} ? $input.a{1} : $input.b{1})",
    "predicate": "$input.a{1}[{0} = {1}]",
    "local names": "$input.a{1}[$not(b{1} and {0})]",
    "lambda": "$map($input.a{1}, function($v) {{ $not($v.b and {0}) }})",
}


@pytest.mark.parametrize("place", [in_expression, guard])
@pytest.mark.parametrize("pattern", NESTED)
def test_expressions_within_each_other(pattern: str, place: Callable[[str], str]) -> None:
    """Each is looked at once for each of those around it, not twice or three times for each: 2 ** 6 is 64."""
    text = nested(NESTED[pattern])
    small, large = (work(lambda size=size: check_text(place(text(size)))) for size in (6, 12))  # type: ignore[misc]  # a default
    assert large < 12 * small


@pytest.mark.parametrize("pattern", NESTED)
def test_the_work_for_a_file_is_bounded(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One finding says that a file is too complex; all expressions after that cost little more than reading them."""
    monkeypatch.setattr(values, "MAX_WORK_OF_FILE", 40)
    expression = nested(NESTED[pattern])(9)
    simple = nested("({0} + {1})")(9)

    def file(text: str, size: int) -> str:
        return in_steps([f'id: s{i}, set: "${{ {text} }}"' for i in range(size)])

    found = [one for one in check_text(file(expression, 4)) if one.code == "FG003"]
    assert [one.message for one in found] == ["the expressions of this file are too complex to check"]
    few, many, plain = file(expression, 4), file(expression, 8), file(simple, 8)
    per_character = work(lambda: check_text(plain)) / len(plain)
    added = work(lambda: check_text(many)) - work(lambda: check_text(few))
    assert added <= 3 * per_character * (len(many) - len(few))


def test_real_workflows_take_a_small_part_of_the_work_for_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is for files made to be hard, so it leaves room for workflows many times longer than the examples."""
    limit = values.MAX_WORK_OF_FILE
    monkeypatch.setattr(values, "MAX_WORK_OF_FILE", limit // 200)
    examples = sorted(EXAMPLES.glob("*/workflows/*.yaml"))
    report = check_paths(tuple(map(str, examples)), EXAMPLES)
    assert len(report.loaded) == len(examples)
    assert "FG003" not in {one.code for one in report.diagnostics}


def looped(size: int) -> str:
    """Loops next to each other, each with a step that can fail and what handles it."""
    steps = (
        f"id: l{i}, for_each: [1, 2], as: x{i}, steps: [{{id: t{i}, call: f, with: {{a: 1}}, "
        f"retry: [{{errors: [Oops], attempts: 1}}]}}]"
        for i in range(size)
    )
    functions = "functions: {f: {input: {fields: {a: integer}}, output: integer, errors: [Oops]}}\n"
    return in_steps(list(steps)).replace("output: any\n", f"output: any\n{functions}", 1)


def branches(size: int) -> str:
    inner = ", ".join(f"{{id: b{i}, set: {i}}}" for i in range(size))
    return in_steps([f"id: s, parallel: {{one: [{inner}], other: [{{id: o, set: 1}}]}}"])


LOWERED = {**{name: CHECKED[name] for name in ("steps", "guards", "chain")}, "loops": looped, "branches": branches}


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[[str], tuple[Build, ...]]:
    (tmp_path / "pyproject.toml").write_text("[tool.flowgen]\n", "utf-8")

    def load(text: str) -> tuple[Build, ...]:
        path = tmp_path / "w.yaml"
        path.write_text(text, "utf-8")
        report = check_paths((str(path),), tmp_path)
        assert not report.failed, report.diagnostics
        return report.loaded

    return load


@pytest.mark.parametrize("family", LOWERED)
def test_compiling_is_linear(family: str, loaded: Callable[[str], tuple[Build, ...]]) -> None:
    found = {size: loaded(LOWERED[family](size)) for size in (2, 10, 20, 40)}
    assert_linear(lambda size: definition(found[size][0]), (10, 20, 40))


@pytest.mark.parametrize("family", LOWERED)
def test_templates_are_made_in_linear_time(family: str, loaded: Callable[[str], tuple[Build, ...]]) -> None:
    found = {size: loaded(LOWERED[family](size)) for size in (2, 10, 20, 40)}
    assert_linear(lambda size: template(found[size], "json"), (10, 20, 40))


def answered(_request: object) -> Callable[[Any], Any]:
    return lambda _given: {"Payload": 1}


@pytest.mark.parametrize("family", LOWERED)
def test_running_is_linear(family: str, loaded: Callable[[str], tuple[Build, ...]]) -> None:
    found = {size: definition(loaded(LOWERED[family](size))[0]) for size in (2, 10, 20, 40)}
    assert execute(found[2], {"a": 1}, mock=answered).status == "SUCCEEDED"
    assert_linear(lambda size: execute(found[size], {"a": 1}, mock=answered), (10, 20, 40))
