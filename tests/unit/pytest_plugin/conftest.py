"""A small project without generated code, which pytest's own `pytester` runs tests in."""

from __future__ import annotations

import pytest

import flowgen.backends.python
import flowgen.check
import flowgen.compile
import flowgen.jsonata.grammar
import flowgen.jsonata.inference.engine
import flowgen.pipeline
import flowgen.source
import flowgen.testing  # noqa: F401 - all of these, so that not each inner run imports them again

WORKFLOW = """\
flowgen: 1
name: greet

input: Person
output: any

types:
  Person:
    fields:
      name: string

functions:
  write:
    input: Person
    output: string
    errors: [Refused, Busy]
    arn: arn:aws:lambda:us-east-1:111111111111:function:write
    retry: {attempts: 2, interval: 10s, errors: [Busy]}

steps:
  - id: named
    switch:
      - when: $input.name = ''
        steps:
          - id: nameless
            fail: {error: NoName}
  - id: letter
    call: write
    with: ${ $input }
    catch:
      - errors: [Refused]
        steps:
          - id: refused
            return: refused
  - id: later
    if: $letter = 'later'
    wait: 1 day
  - id: sent
    return: ${ $letter }
"""
"""Lines: `when` 23, `nameless` 25, `letter` 27, its catcher 31, `refused` 33, the `if` of `later` 36, `retry` 18."""


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".yaml", **{"workflows/greet": WORKFLOW})
    pytester.makepyprojecttoml("[tool.flowgen]\n[tool.pytest.ini_options]\n")
    return pytester
