"""What is compared, as the command line names it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from fakes.runs import SUITE, Did, run_of, stored

from pytest_llmcost.assembly.compare.sides import Compared, read_sides, shared_suites
from pytest_llmcost.assembly.sides import side_of_run
from pytest_llmcost.domain.errors import BaselineError
from pytest_llmcost.domain.trial import Run
from pytest_llmcost.gate.baseline import Baseline, baseline_path, write_baseline


def baseline(run: Run) -> Baseline:
    return side_of_run("", run).baselines[SUITE]


def names(sides: tuple[Compared, ...]) -> list[tuple[str, list[str]]]:
    (shared,) = shared_suites(sides)
    return [
        (side.letter, [side.name_of(strategy) for strategy in side.strategies(of)] if of else [])
        for side, of in zip(sides, shared.of, strict=True)
    ]


def test_a_run_file_alone_has_no_letter_and_all_its_strategies(tmp_path: Path) -> None:
    file = stored(tmp_path / "run.jsonl", run_of(cheap=Did(), careful=Did()))
    assert names(read_sides([file], tmp_path)) == [("", ["cheap", "careful"])]


def test_several_sides_are_told_by_letters(tmp_path: Path) -> None:
    file = stored(tmp_path / "run.jsonl", run_of(cheap=Did()))
    assert names(read_sides([file, file], tmp_path)) == [("A", ["A::cheap"]), ("B", ["B::cheap"])]


def test_a_strategy_behind_a_side_is_taken_alone_a_glob_too(tmp_path: Path) -> None:
    file = stored(tmp_path / "run.jsonl", run_of(cheap=Did(), careful=Did(), caring=Did()))
    sides = read_sides([f"{file}::cheap", f"{file}::car*"], tmp_path)
    assert names(sides) == [("A", ["A::cheap"]), ("B", ["B::careful", "B::caring"])]
    assert sides[0].text == f"{file}::cheap"


def test_a_strategy_that_is_not_there_is_an_error_that_names_those_that_are(tmp_path: Path) -> None:
    file = stored(tmp_path / "run.jsonl", run_of(cheap=Did(), careful=Did()))
    with pytest.raises(BaselineError, match=r"no strategy 'chaep'\. It has cheap, careful"):
        read_sides([f"{file}::chaep"], tmp_path)


def test_a_side_that_holds_nothing_is_refused(tmp_path: Path) -> None:
    file = stored(tmp_path / "run.jsonl", Run(dataclasses.replace(run_of(cheap=Did()).header, strategies={}), ()))
    with pytest.raises(BaselineError, match="there is no run and no baseline"):
        read_sides([file], tmp_path)


def test_shards_with_commas_between_them_are_one_run(tmp_path: Path) -> None:
    shards = [stored(tmp_path / f"{n}.jsonl", run_of(range(n, 80, 2), cheap=Did())) for n in range(2)]
    (side,) = read_sides([",".join(shards)], tmp_path)
    assert len(side.side.baselines[SUITE].records) == 80


def test_a_file_with_a_comma_in_its_name_is_one_file(tmp_path: Path) -> None:
    file = stored(tmp_path / "a,b.jsonl", run_of(cheap=Did()))
    assert names(read_sides([file], tmp_path)) == [("", ["cheap"])]


def test_shards_of_different_commits_and_what_is_no_run_are_refused(tmp_path: Path) -> None:
    one = stored(tmp_path / "1.jsonl", run_of(range(2), cheap=Did()))
    other = stored(tmp_path / "2.jsonl", run_of(range(2, 4), commit="dead", cheap=Did()))
    write_baseline(tmp_path / "3.jsonl", baseline(run_of(cheap=Did())))
    with pytest.raises(BaselineError, match="Join runs of one commit"):
        read_sides([f"{one},{other}"], tmp_path)
    with pytest.raises(BaselineError, match="this is no run"):
        read_sides([f"{one},{tmp_path / '3.jsonl'}"], tmp_path)


def test_a_baseline_is_that_of_the_suite_it_lies_beside_or_is_called_as(tmp_path: Path) -> None:
    run = run_of(cheap=Did())
    (tmp_path / SUITE).write_text("")
    for place in (baseline_path(tmp_path, SUITE), tmp_path / "elsewhere" / "bench_mail.jsonl"):
        write_baseline(place, baseline(run))
        for sides in ([str(place), stored(tmp_path / "run.jsonl", run)], [str(tmp_path / "run.jsonl"), str(place)]):
            found = read_sides(sides, tmp_path)
            assert [shared.path for shared in shared_suites(found)] == [SUITE]
            assert names(found) == [("A", ["A::cheap"]), ("B", ["B::cheap"])]


def test_where_each_side_has_one_suite_it_is_taken_for_the_same_whatever_the_file_is_called(tmp_path: Path) -> None:
    write_baseline(tmp_path / "before.jsonl", baseline(run_of(cheap=Did())))
    sides = [str(tmp_path / "before.jsonl"), stored(tmp_path / "run.jsonl", run_of(cheap=Did()))]
    assert [shared.path for shared in shared_suites(read_sides(sides, tmp_path))] == [SUITE]


def test_runs_of_different_suites_are_not_taken_for_the_same(tmp_path: Path) -> None:
    sides = [stored(tmp_path / f"{suite}l", run_of(suite=suite, cheap=Did())) for suite in (SUITE, "bench_spam.yaml")]
    assert [shared.path for shared in shared_suites(read_sides(sides, tmp_path))] == [SUITE, "bench_spam.yaml"]


def test_a_folder_of_baselines_elsewhere_is_matched_suite_by_suite(tmp_path: Path) -> None:
    runs = {suite: run_of(suite=suite, cheap=Did()) for suite in (SUITE, "bench_spam.yaml")}
    header = dataclasses.replace(
        runs[SUITE].header, strategies={suite: run.header.strategies[suite] for suite, run in runs.items()}
    )
    whole = Run(header, runs[SUITE].trials + runs["bench_spam.yaml"].trials)
    for suite, of in side_of_run("", whole).baselines.items():
        write_baseline(tmp_path / "old" / f"{Path(suite).stem}.jsonl", of)
    sides = read_sides([str(tmp_path / "old"), stored(tmp_path / "run.jsonl", whole)], tmp_path)
    assert {shared.path: all(shared.of) for shared in shared_suites(sides)} == {SUITE: True, "bench_spam.yaml": True}

    alone = read_sides([str(tmp_path / "old")] * 2, tmp_path)
    assert [(shared.path, all(shared.of)) for shared in shared_suites(alone)] == [
        ("bench_mail", True),
        ("bench_spam", True),
    ]


def test_a_suite_that_one_side_lacks_is_there_without_it(tmp_path: Path) -> None:
    both = run_of(cheap=Did())
    other = run_of(suite="bench_spam.yaml", cheap=Did())
    header = dataclasses.replace(both.header, strategies={**both.header.strategies, **other.header.strategies})
    whole = Run(header, both.trials + other.trials)
    sides = read_sides([stored(tmp_path / "a.jsonl", whole), stored(tmp_path / "b.jsonl", both)], tmp_path)
    assert {shared.path: [of is not None for of in shared.of] for shared in shared_suites(sides)} == {
        SUITE: [True, True],
        "bench_spam.yaml": [True, False],
    }
