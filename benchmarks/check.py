"""How the time of `flowgen check` grows: one workflow of many steps, and many workflows of twenty.

`python -m benchmarks.check`, from the project's folder. It fails if the time for a step, or a
workflow, at the largest size is more than twice that at the smallest.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Sequence

from flowgen.diagnostics import Diagnostic
from flowgen.pipeline import check_text

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


def workflow(name: str, steps: int) -> str:
    """A workflow of about `steps` steps, those inside others counted; without findings."""
    return _HEAD.format(name=name) + "".join(_FIVE.format(n=n) for n in range(max(1, round(steps / _PER_BLOCK))))


def seconds(texts: Sequence[str], runs: int) -> float:
    """The median processor time to check all texts; ValueError for a finding, since what stops early is no measure."""
    taken = []
    for _ in range(runs):
        start = time.process_time()
        found: list[Diagnostic] = [finding for text in texts for finding in check_text(text)]
        taken.append(time.process_time() - start)
        if found:
            raise ValueError(found[0])
    return statistics.median(taken)


def measured(title: str, sizes: Sequence[int], texts: Callable[[int], list[str]], runs: int) -> bool:
    """Prints a table; whether the time for one more grows no more than allowed."""
    print(f"| {title} | seconds | ms each |\n| ---: | ---: | ---: |")
    each = []
    for size in sizes:
        taken = seconds(texts(size), runs)
        each.append(taken / size)
        print(f"| {size:,} | {taken:.2f} | {1000 * taken / size:.2f} |")
    print()
    return each[-1] <= ALLOWED * each[0]


def main() -> None:
    """Measures both and prints two tables."""
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
    sys.exit(0 if steps and many else 1)


if __name__ == "__main__":
    main()
