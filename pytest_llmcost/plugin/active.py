"""The plugin of a run with `--llm-budget`: each hook hands over to the part that does the work."""

from __future__ import annotations

import dataclasses
import functools
import json
import os
import shutil
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pytest_llmcost.assembly.base.comparison import STORED, comparison_of
from pytest_llmcost.assembly.caches import check_installed
from pytest_llmcost.assembly.call_log import Logging
from pytest_llmcost.assembly.extensions.added import Extensions
from pytest_llmcost.assembly.extensions.found import hooks_of
from pytest_llmcost.assembly.flow import shared
from pytest_llmcost.assembly.run_ledger import sink_of, store_records
from pytest_llmcost.assembly.runner import Runner
from pytest_llmcost.assembly.settings import Settings, read_settings
from pytest_llmcost.assembly.too_small import too_small
from pytest_llmcost.calls.account import AccountError
from pytest_llmcost.calls.money import usd_text
from pytest_llmcost.domain.errors import BaselineError, ExtensionError, SettingsError
from pytest_llmcost.domain.suite import Suite
from pytest_llmcost.domain.trial import Trial
from pytest_llmcost.plugin import asking, early_stop, options, stdout, verdicts, xdist
from pytest_llmcost.plugin.answers import Answers
from pytest_llmcost.plugin.closing import Closing, error_rate
from pytest_llmcost.plugin.collection import MISSED, WORD, CaseItem, SuiteFile, carry, is_suite_file
from pytest_llmcost.plugin.estimating import estimates_of, show_estimates
from pytest_llmcost.plugin.extending import extensions_of, misplaced
from pytest_llmcost.plugin.one_report import OneReport
from pytest_llmcost.plugin.progress import OfWorkers, Progress
from pytest_llmcost.plugin.selection import Chosen, chosen_by_outcome, select
from pytest_llmcost.plugin.tally import RUNS, Tally
from pytest_llmcost.reports.estimates import Estimate
from pytest_llmcost.reports.trial_line import trial_line

WORKER_INPUT = "llmcost"


def _new_folder() -> Path:
    try:
        return Path(tempfile.mkdtemp(prefix="llmcost-"))
    except OSError as error:
        raise AccountError(
            f"the run's account cannot be made ({error}), so that nothing is spent.\n"
            "Free some disk space, or set TMPDIR to a writable local folder."
        ) from error


class ActivePlugin:
    """What one process of a run holds: settings, suites, the calling side, and the controller's tally."""

    def __init__(
        self, config: pytest.Config, settings: Settings, cap_usd: Decimal, account: Path, extensions: Extensions
    ) -> None:
        self.started = time.time()
        self.config = config
        self.settings = settings
        self.cap_usd = cap_usd
        self.account = account
        self.suites: dict[str, Suite] = {}
        self.selected: set[tuple[str, str]] = set()
        self.warnings: dict[str, None] = {}
        self.chosen: Chosen | None = None
        self.comparison = STORED
        self.extensions = extensions
        self._plugins = config.pluginmanager.get_plugins()
        mode = config.getoption("llm_mode")
        self.runner = Runner(
            settings,
            mode=mode,
            account=account,
            warn=self._warn,
            extensions=extensions,
            has_peers=xdist.processes(config) > 1,
            logging=Logging(sink_of(settings, self._warn), account.parent.name),
        )
        self.tally = None if xdist.is_worker(config) else Tally.start(config, settings)
        self.runner.open_budgets(cap_usd, [])
        self.progress = Progress(config, self.runner, cap_usd)
        asking.use(config, self.runner, self.progress.wait_in_test)
        self.closing: Closing | None = None
        self.estimates: list[Estimate] | None = None
        self._answers: Answers | None = None
        self._one_report: OneReport | None = None
        self.early_stop_family = 0

    @classmethod
    def start(cls, config: pytest.Config) -> ActivePlugin:
        """Return the plugin of this process; the controller makes the account, workers are told where it is.

        Raises:
            pytest.UsageError: If the configuration, an option or an extension is wrong.
        """
        given = getattr(config, "workerinput", {}).get(WORKER_INPUT)
        try:
            settings = options.with_options(read_settings(config.rootpath, os.environ), config)
            settings = shared(settings, xdist.processes(config))
            check_installed(settings)
            cap_usd = options.run_cap_usd(config, settings)
            # As early as this: from a worker of xdist no usage error would come through.
            asked = config.getoption("llm_baseline")
            compared = functools.cache(lambda: comparison_of(asked, config.rootpath, os.environ))
            chosen, notes = chosen_by_outcome(config, settings.root / RUNS, compared)
            extensions = extensions_of(config)
            account = Path(given) if given else _new_folder() / "account.sqlite"
            active = cls(config, settings, cap_usd, account, extensions)
            if active.tally is not None:  # the workers of xdist judge nothing
                active.comparison = compared()
        except (SettingsError, ExtensionError, AccountError, BaselineError) as error:
            raise pytest.UsageError(str(error)) from error
        active.chosen, active.warnings = chosen, dict.fromkeys(notes)
        return active

    def _warn(self, message: str) -> None:
        # It may come from the thread of the calls, where raising or printing would do harm: it is shown at the end.
        self.warnings[message] = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """See to it that the verdict does not hang on who reads the output."""
        stdout.survive_its_end(self.config)

    # -- what is asked ---------------------------------------------------------

    def read_suite(self, path: Path) -> Suite:
        """Return a suite of this run; one whose name is taken is shown by its path.

        Raises:
            SuiteError: If it is wrong.
        """
        suite = self.runner.read_suite(path, self.config.rootpath)
        if any(other.name == suite.name and other.path != suite.path for other in self.suites.values()):
            suite = dataclasses.replace(suite, name=suite.path)
        repeats = self.config.getoption("llm_repeats")
        if repeats:
            suite = dataclasses.replace(suite, repeats=repeats)
        self.suites[suite.path] = suite
        self.runner.open_budgets(self.cap_usd, [suite])
        return suite

    @pytest.hookimpl
    def pytest_plugin_registered(self, plugin: object) -> None:
        """Refuse a conftest.py that would add something to a run that is under way."""
        if plugin not in self._plugins and hooks_of(plugin):
            raise pytest.UsageError(str(misplaced(self.config, plugin)))

    @pytest.hookimpl
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect benchmark suites."""
        if not is_suite_file(file_path):
            return None
        node: SuiteFile = SuiteFile.from_parent(parent, path=file_path)
        node.active = self
        return node

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what the options leave out."""
        select(config, items, self.chosen)
        if early_stop.is_on(config):
            early_stop.put_in_random_order(items)

    # -- asking ----------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Get ready to ask ahead, in the order in which the items will run; or only estimate, and run nothing."""
        if self.config.getoption("llm_estimate"):
            self.estimates = estimates_of(self, session.items)
            return True
        self.selected |= {(i.suite.path, i.spec.name) for i in session.items if isinstance(i, CaseItem)}
        if not xdist.has_workers(self.config):
            self._answers = Answers(self, session)
            self.early_stop_family = self._answers.family
            self._one_report = OneReport(self.config, self._answers.is_ready)
        elif self.tally is not None:
            self.config.pluginmanager.register(OfWorkers(self.progress, self.tally, session), "llmcost-of-workers")
        return None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
        """Report a case in one go where that is enough."""
        return (self._one_report is not None and self._one_report.run(item, nextitem)) or None

    def trial_of(self, item: CaseItem) -> Trial:
        """Return what came of a case, waiting for it."""
        assert self._answers is not None, "items run inside the test loop"
        return self._answers.trial_of(item)

    def carried(self, trial: Trial) -> Trial | str:
        """Return a trial as its report takes it to the tally: from a worker as one text, which is all xdist carries."""
        if self.tally is not None:
            return trial
        return json.dumps(trial_line(trial, keep_text=True), separators=(",", ":"))

    # -- several processes -----------------------------------------------------

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell a worker where the run's account is."""
        node.workerinput[WORKER_INPUT] = str(self.account)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Learn what a worker collected and had to say; the controller of xdist collects none itself."""
        said = getattr(node, "workeroutput", {}).get(WORKER_INPUT, {})
        self.warnings |= dict.fromkeys(said.get("warnings", ()))
        self.selected |= {(suite, strategy) for suite, strategy in said.get("selected", ())}
        self.early_stop_family = max(self.early_stop_family, said.get("early_stop", 0))
        for path in said.get("suites", ()):
            if path not in self.suites:
                self.read_suite(self.config.rootpath / path)

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str) -> None:
        """Note which test went down with its worker."""
        if self.tally is not None:
            self.tally.lost.append(crashitem)

    # -- reports ---------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        """Put what a test in Python asked and scored into its report."""
        llm = asking.llm_of(item) if call.when == "call" else None
        trial = llm.trial() if llm is not None else None
        if trial is not None:
            carry(item, self.carried(trial), MISSED if trial.correct is False else "")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a case's trial out of its report, in the controller, before others read it."""
        if self.tally is not None:
            self.tally.take(report)

    @pytest.hookimpl
    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        """Name what pytest has no word for: a missed case, and the outcomes of verdicts."""
        verdict = getattr(report, "llm_verdict", None)
        if verdict is not None:
            return verdicts.status_of(verdict, report.outcome) if report.when == "call" else ("", "", "")
        word = report.__dict__.get(WORD) if report.when == "call" and report.passed else None
        return (word, word[0], (word.upper(), {"yellow": True})) if word else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """End the calls; in the controller judge the run, store it, and settle the exit status."""
        self.runner.close()
        if self._answers is not None:
            self._answers.close()
        if self.tally is None:
            said = {
                "suites": list(self.suites),
                "selected": [list(names) for names in self.selected],
                "warnings": list(self.warnings),
                "early_stop": self.early_stop_family,
            }
            self.config.workeroutput[WORKER_INPUT] = said  # type: ignore[attr-defined]
            return
        store_records(self.settings, self._warn)
        if not self.config.option.collectonly and self.estimates is None:
            self.closing = Closing.of(self, session)
            self.closing.finish(session)

    @pytest.hookimpl
    def pytest_unconfigure(self) -> None:
        """Leave nothing behind but what the user asked for."""
        self.runner.close()
        if self.tally is not None:
            shutil.rmtree(self.account.parent, ignore_errors=True)

    # -- the terminal ----------------------------------------------------------

    @pytest.hookimpl
    def pytest_report_header(self) -> list[str]:
        """Say what this run may spend, and what it compares with."""
        mode = self.config.getoption("llm_mode")
        cap = usd_text(self.cap_usd, 2)
        return [f"llmcost: budget {cap}, mode {mode}, compared with {self.comparison.name}"]

    @pytest.hookimpl
    def pytest_report_collectionfinish(self) -> list[str]:
        """Say which suites are too small for their margin, and how often verdicts err, before anything is asked."""
        suites = self.suites.values()
        return [f"llmcost: {line}" for line in (*too_small(suites), *error_rate(suites, self.settings))]

    @pytest.hookimpl
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the table, what decided, and the next command."""
        if self.closing is not None:
            self.closing.show(terminalreporter)
        if self.estimates is not None:
            show_estimates(terminalreporter, self.estimates, self.cap_usd)
