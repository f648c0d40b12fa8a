"""From a prompt's file, or a suite, to what its prompts could do without: each finding with tokens, and USD a month."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pytest_llmcost.assembly.building import has_own_prompt
from pytest_llmcost.assembly.prompts.metering import UNNAMED, Metered, Meters
from pytest_llmcost.assembly.prompts.ordering import Reordered, reordered, waste_of
from pytest_llmcost.assembly.prompts.sent import sent
from pytest_llmcost.domain.errors import SettingsError
from pytest_llmcost.domain.suite import Prompt, StrategySpec, Suite
from pytest_llmcost.reports.prompt_lint import Linted, Saving, Size, Waste
from pytest_llmcost.suites.lint.finding import Finding, tag_in
from pytest_llmcost.suites.lint.passages import Asker, Passage, fault_of, texts_of, with_texts
from pytest_llmcost.suites.lint.rules import MOST_FINDINGS, findings_of, lean


def only(suite: Suite, strategy: str) -> Suite:
    """Return *suite* with that strategy alone.

    Raises:
        SettingsError: If it has none of that name.
    """
    own = tuple(spec for spec in suite.strategies if spec.name == strategy)
    if not own:
        known = ", ".join(spec.name for spec in suite.strategies)
        raise SettingsError(f"{suite.path}: no strategy {strategy!r}. It has {known}.", key="strategy")
    return dataclasses.replace(suite, strategies=own)


@dataclass(frozen=True, slots=True)
class Looked:
    """A text that was looked at."""

    passage: Passage
    findings: tuple[Finding, ...]

    @property
    def lean(self) -> str:
        """The text with all mended that can be."""
        return lean(self.passage.text, self.findings)


@dataclass(frozen=True, slots=True)
class Linting:
    """Looks at texts.

    Attributes:
        meters: Count and price.
        requests: A month.
        model: Counts and is paid instead of the suite's own models; empty for those.
        suite: The suite's path, whose names models go by; empty for a file alone.
    """

    meters: Meters
    requests: int
    model: str = ""
    suite: str = ""

    def look(self, passages: Sequence[Passage]) -> list[Looked]:
        """Return what the rules find in each text that spares its first reader a token or more."""
        return [Looked(passage, tuple(self._sparing(passage))) for passage in passages]

    def _sparing(self, passage: Passage) -> Iterator[Finding]:
        count = self._askers(passage)[0][0].counter.count
        tokens = count(passage.text)
        for finding in findings_of(passage.text, count):
            if count(finding.mended(passage.text)) < tokens:
                yield finding

    def of_file(self, looked: Looked) -> Linted:
        """Return what is told of a prompt's file."""
        meter, text = self._askers(looked.passage)[0][0], looked.passage.text
        size = self._size("", meter, [text], meter.counter.count(text) - meter.counter.count(looked.lean))
        found = self._linted(looked.passage.path, [looked], [size], self._turned_file(looked, meter))
        fault = fault_of(looked.passage)
        return dataclasses.replace(found, notes=(fault, *found.notes)) if fault else found

    def of_suite(self, suite: Suite, looked: Sequence[Looked]) -> Linted:
        """Return what is told of a suite's prompts."""
        sizes = [size for spec in suite.strategies for size in self._sizes(suite, spec, looked)]
        turned: dict[Waste, list[str]] = {}
        for spec in suite.strategies:
            for waste in self._turned(suite, spec, looked):
                turned.setdefault(waste, []).append(spec.name)
        wastes = [dataclasses.replace(one, strategies=tuple(dict.fromkeys(own))) for one, own in turned.items()]
        return self._linted(suite.path, looked, sizes, wastes)

    def leaner(self, leaf: StrategySpec, labels: Sequence[str], looked: Sequence[Looked]) -> Prompt:
        """Return the prompt of who asks one model, with all mended that can be."""
        lean = with_texts(leaf.prompt, {(one.passage.key, one.passage.text): one.lean for one in looked})
        found = reordered(lean, labels, self.meter_of(leaf.model))
        return lean if found is None else found.prompt

    def leaner_text(self, looked: Looked) -> str:
        """Return the text of a prompt's file, likewise."""
        found = self._reordered_file(looked.lean, looked)
        return looked.lean if found is None else found.prompt.prompt or ""

    def meter_of(self, model: str) -> Metered:
        """Return who counts for a model, as the suite names it."""
        return self.meters.of(self.model) if self.model else self.meters.of(model, self.suite)

    def _reordered_file(self, text: str, looked: Looked) -> Reordered | None:
        meter = self._askers(looked.passage)[0][0]
        if meter.keeps_whole or fault_of(looked.passage):  # (a file is one message)
            return None
        return reordered(Prompt(prompt=text), (), meter)

    def _turned_file(self, looked: Looked, meter: Metered) -> list[Waste]:
        found = self._reordered_file(looked.passage.text, looked)
        return [] if found is None else [waste_of(found, meter, looked.passage, self.requests)]

    def _turned(self, suite: Suite, spec: StrategySpec, looked: Sequence[Looked]) -> Iterator[Waste]:
        for leaf in spec.leaves():
            meter = self.meter_of(leaf.model)
            found = reordered(leaf.prompt, suite.labels, meter)
            if found is not None:
                texts = {(key, text) for key, text, _ in texts_of(leaf.prompt)}
                own = [one.passage for one in looked if (one.passage.key, one.passage.text) in texts]
                yield waste_of(found, meter, next(filter(_varies, own)), self.requests)

    def _linted(self, path: str, looked: Sequence[Looked], sizes: Sequence[Size], turned: Sequence[Waste]) -> Linted:
        wastes = [*turned, *(waste for one in looked for waste in self._wastes(one))]
        meters = [meter for one in looked for meter, _ in self._askers(one.passage)]
        notes = dict.fromkeys(note for meter in meters for note in meter.notes())
        notes |= dict.fromkeys(map(_cut_short, (one for one in looked if len(one.findings) >= MOST_FINDINGS)))
        return Linted(path, tuple(wastes), tuple(sizes), self.requests, tuple(notes))

    def _askers(self, passage: Passage) -> list[tuple[Metered, Asker]]:
        askers = passage.askers or (Asker("", self.model or UNNAMED),)
        return [(self.meter_of(asker.model), asker) for asker in askers]

    def _wastes(self, looked: Looked) -> Iterator[Waste]:
        passage = looked.passage
        for finding in looked.findings:
            mended = finding.mended(passage.text)
            savings: dict[str, Saving] = {}
            for meter, asker in self._askers(passage):
                tokens = asker.times * (meter.counter.count(passage.text) - meter.counter.count(mended))
                savings.setdefault(meter.name, self._saving(meter, tokens))
            yield Waste(
                rule=finding.rule,
                path=passage.path,
                line=passage.line_at(finding.start),
                what=finding.what,
                is_mendable=finding.edit is not None,
                savings=tuple(savings.values()),
                strategies=tuple(dict.fromkeys(asker.name for asker in passage.askers)),
            )

    def _saving(self, meter: Metered, tokens: int) -> Saving:
        usd = meter.usd(tokens)
        return Saving(meter.name, tokens, None if usd is None else usd * self.requests)

    def _sizes(self, suite: Suite, spec: StrategySpec, looked: Sequence[Looked]) -> Iterator[Size]:
        leaner = {(one.passage.key, one.passage.text): one.lean for one in looked}
        for leaf in filter(has_own_prompt, spec.leaves()):  # (a verifier or a compressor may have one of ours)
            count = self.meter_of(leaf.model).counter.count
            saved = sum(times * (count(text) - count(leaner[key, text])) for key, text, times in texts_of(leaf.prompt))
            yield self._size(spec.name, self.meter_of(leaf.model), sent(suite, leaf), saved)

    def _size(self, name: str, meter: Metered, calls: Sequence[str], saved: int) -> Size:
        tokens = sum(map(meter.counter.count, calls)) / max(len(calls), 1)
        return Size(name, tokens, len(calls), meter.counter.exact, meter.counter.by, self._saving(meter, saved))


def _varies(passage: Passage) -> bool:
    return tag_in(passage.text) is not None


def _cut_short(looked: Looked) -> str:
    return f"{looked.passage.path}: the first {MOST_FINDINGS} findings of a text are told; mend these, and look again"
