"""The pytest plugin: the fixture `flowgen`, the coverage report for workflows, and pages that show failed tests.

pytest imports this module in every run of every project where flowgen is installed. Nothing else is imported until a
test requests the fixture, or the command line a report.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from flowgen.testing import Flowgen, Workflow
    from flowgen.testing.coverage import Observed
    from flowgen.testing.reports import Reports

_WORKER_RESULT = "flowgen_used"
"""The key under which a pytest-xdist worker sends its coverage."""


class _Loader:
    def __init__(self, root: Path, observed: Observed | None, reports: Reports | None) -> None:
        self.root = root
        self.observed = observed
        self.record = None if reports is None else reports.record
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
            self.loaded[key] = load(path, self.root, self.observed, env=env, parameters=parameters, record=self.record)
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
    reporting = request.config.pluginmanager.get_plugin("flowgen-reports")
    reports = reporting.reports if isinstance(reporting, _Reporting) else None
    return _Loader(request.config.rootpath, observed, reports)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds `--flowgen-cov`, `--flowgen-cov-fail-under` and `--flowgen-report`."""
    group = parser.getgroup("flowgen", "workflows")
    group.addoption(
        "--flowgen-cov", action="store_true", help="report the parts of the project's workflows that no test used"
    )
    group.addoption(
        "--flowgen-cov-fail-under", type=float, metavar="PERCENT", help="fail if the tests used less of the workflows"
    )
    group.addoption(
        "--flowgen-report", metavar="DIR", help="write a page (HTML) for each failed test that ran workflows"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Starts to measure coverage and to record runs if the command line requests it."""
    if config.getoption("--flowgen-cov") or config.getoption("--flowgen-cov-fail-under") is not None:
        config.pluginmanager.register(_Coverage(config), "flowgen-coverage")
    folder = config.getoption("--flowgen-report")
    if folder is not None:
        config.pluginmanager.register(_Reporting(config.invocation_params.dir / folder), "flowgen-reports")


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


class _Reporting:
    """Writes the pages of failed tests, in this process or in each of pytest-xdist's workers."""

    def __init__(self, folder: Path) -> None:
        from flowgen.testing.reports import Reports

        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise pytest.UsageError(f"--flowgen-report: cannot create {folder}: {error.strerror}") from None
        self.reports = Reports(folder)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self) -> None:
        """Starts the recording of a test."""
        self.reports.start_test()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, Any, None]:
        """Writes the page of a failed test, and shows its path with the failure."""
        outcome = yield
        report: pytest.TestReport = outcome.get_result()
        if not report.failed:
            return
        try:
            path = self.reports.write(item.nodeid)
        except OSError as error:
            report.sections.append(("flowgen report", f"cannot write the report: {error}"))
            return
        if path is not None:
            report.sections.append(("flowgen report", str(path)))
