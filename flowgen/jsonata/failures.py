"""Failures of evaluation, in the words of Step Functions.

JSONata's own errors read `threw an error during evaluation. CODE: text`, with the texts of jsonata-js; limits read
`threw an error during evaluation: text` (measured on AWS: github.com/floci-io/floci, issues 2737 and 2783).
"""

from __future__ import annotations

import re

import jlens

from flowgen.jsonata.long_integers import javascript_text

UNDEFINED = "returned nothing (undefined)."
UNSUPPORTED = "returned an unsupported result type."
INTERNAL = "threw an internal error during evaluation."

# The library writes some numbers as Rust does, such as `-1.0`. Quoted strings in a message may contain them, too.
_NUMBER = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+\.\d+(?:e[-+]?\d+)?|-?\d+e[-+]?\d+')
_FREE_TEXT = frozenset({"D3137", "D3141"})

_STOPPED = "threw an error during evaluation: "
_STACK = f"{_STOPPED}Stack overflow error: Check for non-terminating recursive function"
_MEMORY = f"{_STOPPED}Expression evaluation memory limit exceeded: Check for excessive memory usage"
_TIME = f"{_STOPPED}Expression evaluation timeout: Check for infinite loop"


class EvaluationFailure(Exception):  # noqa: N818 - a failure of the execution, not of the program
    """An expression yielded no JSON value.

    `reason` continues "The JSONata expression '…' specified for the field '…' ".
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def thrown(code: str, text: str) -> str:
    """The reason of an error that has a code."""
    return f"threw an error during evaluation. {code}: {text}"


def memory_exceeded() -> EvaluationFailure:
    """The failure of an evaluation that takes too much memory."""
    return EvaluationFailure(_MEMORY)


def time_exceeded() -> EvaluationFailure:
    """The failure of an evaluation that takes too much time."""
    return EvaluationFailure(_TIME)


def may_fit(failure: EvaluationFailure) -> bool:
    """Whether an evaluation reached a limit on time or memory, so that it may succeed with a higher limit."""
    return failure.reason in {_TIME, _MEMORY}


def failure_of(error: BaseException) -> EvaluationFailure:
    """The failure that an exception from the library means. Raises any other exception again."""
    if isinstance(error, EvaluationFailure):
        return error
    if isinstance(error, jlens.JlensError):
        return EvaluationFailure(_reason(error))
    if type(error).__module__ == "pyo3_runtime":
        # A panic in native code is a BaseException. The library stays usable after it.
        return EvaluationFailure(INTERNAL)
    raise error


def _reason(error: jlens.JlensError) -> str:
    match error.code:
        case "D1011":
            return _STACK
        case "D1012":
            return _TIME
        case "D2016":
            return _MEMORY
        case "U1001":
            return _STACK if "nested too deeply" in str(error) else _MEMORY
        case code:
            return thrown(code, text_of(error))


def text_of(error: jlens.JlensError) -> str:
    """The text of an error in the words of jsonata-js, without its code."""
    # `exact` uses other names for functions.
    text = str(error).replace('"string_pretty_"', '"string"')
    return text if error.code in _FREE_TEXT else _NUMBER.sub(_javascript, text)


def _javascript(match: re.Match[str]) -> str:
    return match[0] if match[0].startswith('"') else javascript_text(float(match[0]))
