"""From what a suite writes of a strategy to the tree that it means; every mistake on the way is told once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pytest_llmcost.domain.plan import Branch, Cascade, CascadeStep, Confidence, Foreign, Plan, Route, RouteKey
from pytest_llmcost.domain.policy import Policy, described
from pytest_llmcost.suites.contexts import COMPRESSOR, compressing, load_documents
from pytest_llmcost.suites.policies import policy_at
from pytest_llmcost.suites.prompts import load_files
from pytest_llmcost.suites.schema.strategy import CASCADE, INLINE, MODEL, POLICY, ROUTE, STEP, USE, WHO
from pytest_llmcost.suites.strategies.confidence import DEFAULT_ACCEPT, LOGPROB, confidence_of, why_untold
from pytest_llmcost.suites.strategies.forms import load_forms
from pytest_llmcost.suites.strategies.functions import check_options, check_plain
from pytest_llmcost.suites.strategies.names import Names, Origin
from pytest_llmcost.suites.strategies.resolved import Resolved
from pytest_llmcost.suites.strategies.written import as_section, name_of, step_names
from pytest_llmcost.suites.tree.fields import Section
from pytest_llmcost.suites.tree.nodes import Map, Node, Scalar
from pytest_llmcost.suites.tree.plain import MOST_DEPTH, node_of
from pytest_llmcost.suites.tree.report import Spot, nearest, shown
from pytest_llmcost.suites.tree.values import read_value

MOST_PARTS = 10_000
"""Of all strategies of a suite together: each that uses another one twice doubles them."""


class Resolver:
    """Follows the names in a suite's strategies.

    Args:
        names: What they may mean.
        suite: What holds where no strategy says anything.

    Attributes:
        sections: All that say something of how a case is asked, each once.
        checking: All that say something of how an answer is checked.
        compressing: All that say something of how what is looked up is compressed.
    """

    def __init__(self, names: Names, suite: Section) -> None:
        self._names = names
        self._suite = suite
        self._opened: dict[int, Section] = {}
        self._policies: dict[int, tuple[Policy | None, Section | None]] = {}
        self._parts = 0
        self.sections: list[Section] = []
        self.checking: list[Section] = []
        self.compressing: list[Section] = []

    def resolve(self, name: str, place: Node, section: Section, origin: Origin) -> Resolved | None:
        """Return a strategy that the suite names, or None where it cannot be told who answers."""
        return self._found(Resolved(name, place, (section,)), (origin,), _Wanted(self.sections))

    def _found(self, one: Resolved, trail: _Trail, wanted: _Wanted) -> Resolved | None:
        """Return *one* with all that it uses, its plan or its model, and its confidence."""
        section = one.chain[-1]
        self._parts += 1
        if self._parts > MOST_PARTS or len(trail) > MOST_DEPTH:
            what = f"more than {MOST_PARTS:,} parts, or are nested deeper than {MOST_DEPTH} levels"
            message = f"the strategies have {what}. Let fewer of them use each other"
            self._names.report.fail(one.place.line, one.place.column, message)
        self._open(section, wanted.among)
        key = self._key(section)
        check_plain(key, section, self._names)
        written = section.get(key) if key else None
        if written is None:
            return None
        if key in (CASCADE, ROUTE):
            plan = self._plan(written, one, trail, wanted)
            return None if plan is None else replace(one, plan=plan)
        if key == POLICY:
            return self._by_policy(section, one, trail, wanted)
        if isinstance(written, Section):
            return self._found(replace(one, chain=(*one.chain, written)), trail, wanted)
        found = self._names.find(written, key, section.at(key), trail)
        if found is None:
            return None
        if found.is_function:
            return self._delegated(written, one, trail, wanted)
        if found.section is not None and found.origin is not None:
            return self._found(replace(one, chain=(*one.chain, found.section)), (*trail, found.origin), wanted)
        confidence, compressor = self._confidence(one, trail, wanted), self._compressor(one, trail, wanted)
        return replace(one, model=written, confidence=confidence, compressor=compressor)

    def _open(self, section: Section, among: list[Section]) -> None:
        """Note a section, and put the texts of its files in their places when it comes up first."""
        if not any(one is section for one in among):
            among.append(section)
        if id(section) not in self._opened:
            self._opened[id(section)] = section
            load_files(section, self._names.report)
            load_forms(section, self._names.report)
            load_documents(section, self._names.report)

    def _key(self, section: Section) -> str:
        """Return the key that says who answers; empty where none does, or two do."""
        keys = [key for key in WHO if key in section]
        if len(keys) > 1:
            both = " and ".join(map(shown, keys))
            self._names.tell(section.key_at(keys[1]), f"{both} both say who answers. Keep one of them")
        return keys[0] if len(keys) == 1 else ""

    # -- plans -----------------------------------------------------------------

    def _plan(
        self, written: list[Section] | Section, one: Resolved, trail: _Trail, wanted: _Wanted
    ) -> Plan[Resolved] | None:
        if isinstance(written, list):
            return self._cascade(written, one, trail, wanted)
        return self._route(written, one, trail, wanted)

    def _cascade(
        self, written: list[Section], one: Resolved, trail: _Trail, wanted: _Wanted
    ) -> Cascade[Resolved] | None:
        steps = []
        for section, name in zip(written, step_names(written), strict=True):
            is_last = section is written[-1]
            part = Resolved(name, section.node, (section,), one.layers)
            found = self._found(part, trail, wanted if is_last else wanted.surely)
            accept = self._accept_of(section, found, is_last=is_last)
            if found is not None:
                steps.append(CascadeStep(name, found, accept, section.get("on_error") != "fail"))
        return Cascade(tuple(steps)) if len(steps) == len(written) else None

    def _accept_of(self, section: Section, found: Resolved | None, *, is_last: bool) -> float | None:
        for key in ("accept", "on_error") if is_last else ():
            if key in section:
                self._names.tell(section.key_at(key), f"{key} has no effect: nobody is asked after the last step")
        if is_last or found is None or "accept" in section:
            accept: float | None = section.get("accept")
            return accept
        kind = found.confidence.kind if found.confidence is not None else ""
        is_misspelt = any(nearest(key, ["accept"]) for key in section.entries.keys() - STEP.keys.keys())
        if kind not in DEFAULT_ACCEPT and not is_misspelt:
            self._names.tell(section.node, _NO_ACCEPT)
        return DEFAULT_ACCEPT.get(kind)

    def _route(self, written: Section, one: Resolved, trail: _Trail, wanted: _Wanted) -> Route[Resolved] | None:
        by, to, rest = self._key_of(written), written.get("to"), written.get("otherwise")
        place = written.at("to")
        entries = place.entries if isinstance(place, Map) else {}
        if to == {} and not entries:
            self._names.tell(place, "to is empty. Write: {spam: cheap, legal: frontier}")
        named = [(value, self._branch(to[value], entries[value][1], one, trail, wanted)) for value in to or {}]
        branches = {value: branch for value, branch in named if branch is not None}
        otherwise = self._branch(rest, written.at("otherwise"), one, trail, wanted) if rest is not None else None
        is_whole = len(branches) == len(named) > 0 and (otherwise is None) == ("otherwise" not in written)
        return Route(by, branches, otherwise) if by is not None and is_whole else None

    def _by_policy(self, section: Section, one: Resolved, trail: _Trail, wanted: _Wanted) -> Resolved | None:
        """Return *one* with what a policy file says of it; names in it mean what they would mean here."""
        named = section.at(POLICY)
        if id(named) not in self._policies:
            self._policies[id(named)] = self._read_policy(named)
        policy, ways = self._policies[id(named)]
        found = None if ways is None else self._found(replace(one, chain=(*one.chain, ways)), trail, wanted)
        return None if found is None else replace(found, policy=policy)

    def _read_policy(self, named: Node) -> tuple[Policy | None, Section | None]:
        policy = policy_at(named, self._names.report) if isinstance(named, Scalar) else None
        if policy is None:
            return None, None
        tree = node_of(described(policy), Spot(named.line, named.column, named.path))
        return policy, read_value(INLINE, tree, "the policy", self._names.report)

    def _delegated(self, name: str, one: Resolved, trail: _Trail, wanted: _Wanted) -> Resolved | None:
        """Return *one*, which another package's function answers, with the parts that it may ask."""
        section = one.chain[-1]
        of, place = section.get("of", {}), section.at("of")
        entries = place.entries if isinstance(place, Map) else {}
        named = [(part, self._branch(of[part], entries[part][1], one, trail, wanted)) for part in of]
        parts = {part: branch.strategy for part, branch in named if branch is not None}
        options = section.get("options", {})
        check_options(name, section, self._names)
        return replace(one, plan=Foreign(name, parts, options)) if len(parts) == len(named) else None

    def _branch(
        self, named: str | Section, place: Node, one: Resolved, trail: _Trail, wanted: _Wanted
    ) -> Branch[Resolved] | None:
        section = as_section(USE, named, place)
        found = self._found(Resolved(name_of(section), place, (section,), one.layers), trail, wanted)
        return None if found is None else Branch(found.name, found)

    def _key_of(self, written: Section) -> RouteKey | None:
        by = written.get("by")
        if not isinstance(by, Section):
            return None if by is None else RouteKey("field", by)
        if len(by.entries) != 1:
            known = "a field's name, {python: module:function} and {estimate: complexity}"
            self._names.tell(by.node, f"by takes one of {known}")
            return None
        for kind, name in by.values.items():
            if kind == "python" and (why := self._names.project.why_barred(name)):
                self._names.tell(by.at(kind), why)
            return RouteKey(kind, name)
        return None

    # -- confidence ------------------------------------------------------------

    def _confidence(self, one: Resolved, trail: _Trail, wanted: _Wanted) -> Confidence[Resolved] | None:
        """Return how a model's confidence is told: as it says itself; where it is needed, as is said around it."""
        if wanted.among is not self.sections:
            return None
        # The last step of a cascade answers in any case: what it uses, or stands in, is not asked how sure it is.
        saying = one.layers if wanted.confidence else one.chain[:1] if one.around else one.chain
        section = next((section for section in saying if "confidence" in section), None)
        if section is None and not wanted.confidence:
            return None
        said = (LOGPROB, "") if section is None else confidence_of(section, self._names)
        if said is None:
            return None
        kind, argument = said
        if why := why_untold(kind, (*one.layers, self._suite)):
            self._names.tell(one.chain[0].node if section is None else section.at("confidence"), why)
        if kind == "verifier" and section is not None:
            return self._verified(argument, section.get("confidence").at(kind), trail)
        return Confidence(kind, argument)

    def _verified(self, named: str | Section, place: Node, trail: _Trail) -> Confidence[Resolved] | None:
        section = as_section(MODEL, named, place)
        found = self._found(Resolved(name_of(section), place, (section,)), trail, _Wanted(self.checking))
        if found is not None and found.plan is not None:
            self._names.tell(place, "a verifier is one model, which is asked once: a cascade or a route is none")
        return None if found is None else Confidence("verifier", "", found)

    # -- context ---------------------------------------------------------------

    def _compressor(self, one: Resolved, trail: _Trail, wanted: _Wanted) -> Resolved | None:
        """Return the model that shortens what *one* looks up, if one does."""
        saying = compressing((*one.layers, self._suite)) if wanted.among is self.sections else None
        if saying is None:
            return None
        place = saying.at(COMPRESSOR)
        section = as_section(MODEL, saying.get(COMPRESSOR), place)
        led = () if saying is self._suite.get("context") else trail  # (the suite's word is no strategy's own)
        found = self._found(Resolved(name_of(section), place, (section,)), led, _Wanted(self.compressing))
        if found is not None and found.plan is not None:
            self._names.tell(place, "a compressor is one model, asked once a passage: a cascade or a route is none")
            return None
        for said in found.chain if found is not None else ():
            for key in _COMPRESSORS_OWN & said.entries.keys():
                message = f"a compressor has a prompt of its own: {key} has no effect. Name a model, or leave it out"
                self._names.tell(said.key_at(key), message)
        return found


_Trail = tuple[Origin, ...]
_COMPRESSORS_OWN = frozenset({"prompt", "prompt_file", "system", "system_file", "messages", "response_format"})
_NO_ACCEPT = (
    "a step before the last has no 'accept'. Add it: accept: 0.9, the least confidence\nwith which its answer is taken"
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a part is for: which sections its own are among, and whether its confidence is needed."""

    among: list[Section]
    confidence: bool = False

    @property
    def surely(self) -> _Wanted:
        """The same, its confidence needed."""
        return replace(self, confidence=True)
