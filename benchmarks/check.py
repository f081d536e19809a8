"""The scaling of `flowgen check`: one workflow with many steps, and many workflows with twenty.

`python -m benchmarks.check`, from the project's folder. It fails if the time for a step, or a
workflow, at the largest size is more than twice that at the smallest, or if checking 1,000 steps with
2,000 expressions takes more than a second more than parsing them.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from flowgen.check.dataflow import analyse
from flowgen.diagnostics import Diagnostic, Sink
from flowgen.model import read_workflow
from flowgen.pipeline import check_text
from flowgen.source import read

STEPS = 20
_HEAD = """\
flowgen: 1
name: {name}
input: Order
types:
  Order:
    fields:
      id: string
      total: number
      lines: string[]
functions:
  price: {{input: Order, output: Order, errors: [SoldOut]}}
steps:
"""
_FIVE = """\
  - id: priced_{n}
    call: price
    with: ${{ $input }}
    catch:
      - errors: [SoldOut]
        steps:
          - id: none_{n}
            return: sold out
  - id: kept_{n}
    set: {{total: "${{ $priced_{n}.total * 1.2 }}", text: "order ${{ $priced_{n}.id }}"}}
  - id: pause_{n}
    wait: 5m
  - id: each_{n}
    for_each: $input.lines
    as: line
    steps:
      - id: sku_{n}
        set: ${{ $line & $kept_{n}.text }}
  - id: large_{n}
    switch:
      - when: $kept_{n}.total > {n}
        steps: []
"""
_PER_BLOCK = 7
ALLOWED = 2.0

_TYPED_HEAD = """\
flowgen: 1
name: typed
input: Order
output: any
types:
  Line: {fields: {sku: string, quantity: integer, price: number}}
  Card: {fields: {method: [card], number: string}}
  Invoice: {fields: {method: [invoice], days: integer}}
  Payment: {one_of: {card: Card, invoice: Invoice}, tag: method}
  Part: {fields: {id: string, lines: 'Line[]'}}
  Order:
    fields:
      id: string
      lines: Line[]
      payment: Payment
      coupon?: string
functions:
  price: {input: Part, output: Order}
steps:
"""
_TYPED_FIVE = """\
  - id: priced_{n}
    call: price
    with: {{id: "${{ $input.id & '-{n}' }}", lines: "${{ [$input.lines[quantity > {n}]] }}"}}
  - id: kept_{n}
    set:
      total: ${{ $sum([$priced_{n}.lines.(quantity * price)]) }}
      skus: ${{ [$map($priced_{n}.lines, function($l) {{ $l.sku }})] }}
  - id: choice_{n}
    if: $exists($input.coupon) and $kept_{n}.total > 10
    set: ${{ $input.coupon }}
    skipped: none
  - id: kind_{n}
    set:
      kind: "${{ $input.payment.method = 'card' ? $input.payment.number : 'none' }}"
      code: ${{ $choice_{n} }}
  - id: text_{n}
    set: order ${{ $priced_{n}.id }} has ${{ $count($kept_{n}.skus) }} lines
"""
MOST_SECONDS = 1.0
"""The maximum time to check 1,000 steps with 2,000 expressions, in addition to parsing them."""


def workflow(name: str, steps: int) -> str:
    """A workflow of about `steps` steps, including nested ones, without findings."""
    return _HEAD.format(name=name) + "".join(_FIVE.format(n=n) for n in range(max(1, round(steps / _PER_BLOCK))))


def seconds(texts: Sequence[str], runs: int) -> float:
    """The median CPU time to check all texts. Raises ValueError for findings, because they stop the check early."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        found: list[Diagnostic] = [finding for text in texts for finding in check_text(text)]
        taken.append(time.process_time() - start)
        if found:
            raise ValueError(found[0])
    return statistics.median(taken)


def measured(title: str, sizes: Sequence[int], texts: Callable[[int], list[str]], runs: int) -> bool:
    """Prints a table; returns whether the time for an additional item is within the limit."""
    print(f"| {title} | seconds | ms each |\n| ---: | ---: | ---: |")
    each = []
    for size in sizes:
        taken = seconds(texts(size), runs)
        each.append(taken / size)
        print(f"| {size:,} | {taken:.2f} | {1000 * taken / size:.2f} |")
    print()
    return each[-1] <= ALLOWED * each[0]


def typed(steps: int) -> str:
    """A workflow of `steps` steps with two expressions each, whose types are expensive to infer."""
    return _TYPED_HEAD + "".join(_TYPED_FIVE.format(n=n) for n in range(steps // 5))


def compared_with_parsing(text: str, runs: int) -> bool:
    """Prints the times of parsing, all checks and types; returns whether checking is within `MOST_SECONDS`."""
    parsing, types = [], []
    for _ in range(runs):
        start = time.process_time()
        sink = Sink()
        root = read("workflow.yaml", text, sink)
        workflow = None if root is None else read_workflow(root, sink)
        if workflow is None:
            raise ValueError(list(sink))
        parsing.append(time.process_time() - start)
        start = time.process_time()
        analyse(workflow, {})
        types.append(time.process_time() - start)
    parsed, whole = statistics.median(parsing), seconds([text], runs)
    print("| 1,000 steps, 2,000 expressions | seconds |\n| --- | ---: |")
    print(f"| parsing | {parsed:.2f} |\n| checking, beyond that | {whole - parsed:.2f} |")
    print(f"| of it the types | {statistics.median(types):.2f} |\n")
    return whole - parsed <= MOST_SECONDS


def main() -> None:
    """Runs the measurements and prints three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--steps", type=int, nargs="+", default=[250, 500, 1000, 2000])
    parser.add_argument("--workflows", type=int, nargs="+", default=[125, 250, 500, 1000])
    given = parser.parse_args()
    check_text(workflow("first", STEPS))  # imports, and what is made once
    steps = measured("steps", given.steps, lambda size: [workflow("one", size)], given.runs)
    many = measured(
        f"workflows of {STEPS} steps",
        given.workflows,
        lambda size: [workflow(f"w_{n}", STEPS) for n in range(size)],
        given.runs,
    )
    compared = compared_with_parsing(typed(1000), given.runs)
    sys.exit(0 if steps and many and compared else 1)


if __name__ == "__main__":
    main()
