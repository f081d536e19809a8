"""The pytest plugin: the fixture `flowgen`, and the coverage report for workflows.

pytest imports this module in every run of every project where flowgen is installed. Nothing else is imported until a
test requests the fixture, or the command line the report.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flowgen.testing import Flowgen, Workflow
    from flowgen.testing.coverage import Observed

_WORKER_RESULT = "flowgen_used"
"""The key under which a pytest-xdist worker sends its coverage."""


class _Loader:
    def __init__(self, root: Path, observed: Observed | None) -> None:
        self.root = root
        self.observed = observed
        self.loaded: dict[tuple[Path, str | None, str], Workflow] = {}

    def __call__(
        self, path: str | Path = ".", *, env: str | None = None, parameters: Mapping[str, Any] | None = None
    ) -> Workflow:
        from flowgen.testing import WorkflowError, load

        __tracebackhide__ = True
        key = ((self.root / path).resolve(), env, repr(sorted((parameters or {}).items())))
        if key in self.loaded:
            return self.loaded[key]
        problem = ""
        try:
            self.loaded[key] = load(path, self.root, self.observed, env=env, parameters=parameters)
        except WorkflowError as error:
            problem = str(error)
        if problem:
            pytest.fail(problem, pytrace=False)
        return self.loaded[key]


@pytest.fixture(scope="session")
def flowgen(request: pytest.FixtureRequest) -> Flowgen:
    """Loads workflows: `flowgen("workflows/place_order.yaml").run({…})`. Each is compiled once per session."""
    coverage = request.config.pluginmanager.get_plugin("flowgen-coverage")
    observed = coverage.observed if isinstance(coverage, _Coverage) else None
    return _Loader(request.config.rootpath, observed)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--flowgen-cov` and `--flowgen-cov-fail-under`."""
    group = parser.getgroup("flowgen", "workflows")
    group.addoption(
        "--flowgen-cov", action="store_true", help="report the parts of the project's workflows that no test used"
    )
    group.addoption(
        "--flowgen-cov-fail-under", type=float, metavar="PERCENT", help="fail if the tests used less of the workflows"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Starts measuring coverage if the command line requests it."""
    if config.getoption("--flowgen-cov") or config.getoption("--flowgen-cov-fail-under") is not None:
        config.pluginmanager.register(_Coverage(config), "flowgen-coverage")


class _Coverage:
    """Collects coverage in this process and in pytest-xdist's workers, and reports it at the end."""

    def __init__(self, config: pytest.Config) -> None:
        from flowgen.testing.coverage import Observed

        self.config = config
        self.observed = Observed()
        self.least: float | None = config.getoption("--flowgen-cov-fail-under")

    @property
    def is_worker(self) -> bool:
        return hasattr(self.config, "workeroutput")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Adds the coverage of a worker."""
        from flowgen.testing.coverage import Part

        for file, (parts, marks) in getattr(node, "workeroutput", {}).get(_WORKER_RESULT, {}).items():
            self.observed.add(
                file,
                tuple(
                    Part(kind, line, text, frozenset((name, state, place) for name, state, place in own))
                    for kind, line, text, own in parts
                ),
            )
            self.observed.merge(file, {(name, state, place) for name, state, place in marks})

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Sends the coverage to the main process, or fails the run if it is too low."""
        if self.is_worker:
            self.config.workeroutput[_WORKER_RESULT] = {  # type: ignore[attr-defined]  # added by pytest-xdist
                file: (
                    [(part.kind, part.line, part.text, sorted(part.marks)) for part in parts],
                    sorted(self.observed.marks[file]),
                )
                for file, parts in self.observed.parts.items()
            }
            return
        from flowgen.testing.loading import parts_in

        for file, parts in parts_in(self.config.rootpath).items():
            self.observed.add(file, parts)
        if self.too_little and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @property
    def too_little(self) -> bool:
        return self.least is not None and self.observed.percent() < self.least

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Prints the report."""
        from flowgen.testing.coverage import report

        terminalreporter.section("workflows")
        for line in report(self.observed):
            terminalreporter.write_line(line)
        if self.too_little:
            used = f"{self.observed.percent():.1f}"
            terminalreporter.write_line(
                f"FAIL: the tests used {used}% of the workflows; required: {self.least:g}%", red=True
            )
