"""What a rehearsal proves, judged from the outcome and from what the copy holds."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from drydock.model import (
    Atomic,
    Disproven,
    Inconclusive,
    Ledger,
    Loaded,
    Migration,
    NotProven,
    Origin,
    Proof,
    Proven,
    Refusal,
    ScriptStep,
    Skipped,
    StepApplied,
    StepFailed,
    StepOutcome,
    Untried,
)
from drydock.proof import created_by, proof_of, touched_by
from drydock.sql.parser import summarise

MIGRATION = Migration(name="1_a", file=Path("1_a/migration.sql"), checksum="0" * 64)
LEDGER = Ledger(record="", opened="", finished="", failed="", withdrawn="", lookup="")
WITHOUT_ROWS = Loaded(origin=Origin(kind="target-schema", name="the schema of shop", has_rows=False))
WITH_ROWS = Loaded(origin=Origin(kind="snapshot", name="shop.dump", has_rows=True))
APPLIED = StepApplied(migration=MIGRATION, course=Atomic(), duration=timedelta(milliseconds=3))


def step_of(text: str) -> ScriptStep:
    analysis = summarise(text, frozenset())
    return ScriptStep(migration=MIGRATION, text=text, analysis=analysis, course=Atomic(), ledger=LEDGER)


def failed(sqlstate: str, message: str | None = None) -> StepFailed:
    refusal = Refusal(sqlstate=sqlstate, condition="some condition", message=message, names=())
    return StepFailed(migration=MIGRATION, refusal=refusal, clean=True, truth="Rolled back.")


@pytest.mark.parametrize(
    ("text", "outcome", "loaded", "kind"),
    [
        ("CREATE TABLE a (id int)", APPLIED, WITHOUT_ROWS, Proven),
        ("CREATE UNIQUE INDEX ON a (id)", APPLIED, WITHOUT_ROWS, NotProven),
        ("CREATE UNIQUE INDEX ON a (id)", APPLIED, WITH_ROWS, Proven),
        ("no SQL at all", APPLIED, WITHOUT_ROWS, NotProven),
        ("INSERT INTO a VALUES (1)", failed("23503"), WITHOUT_ROWS, Inconclusive),
        ("INSERT INTO a VALUES (1)", failed("23503"), WITH_ROWS, Disproven),
        ("SELECT f()", failed("P0001"), WITHOUT_ROWS, Inconclusive),
        ("SELECT 1/0", failed("22012"), WITHOUT_ROWS, Inconclusive),
        ("ALTER TABLE a DROP COLUMN b", failed("42703"), WITHOUT_ROWS, Disproven),
    ],
)
def test_proof_of_an_outcome(text: str, outcome: StepOutcome, loaded: Loaded, kind: type[Proof]) -> None:
    assert type(proof_of(step_of(text), outcome, loaded=loaded, created=frozenset())) is kind


def test_table_that_this_run_makes_is_empty_on_the_target_too() -> None:
    created = created_by([step_of("CREATE TABLE a (id int)")])

    assert proof_of(step_of("CREATE UNIQUE INDEX ON a (id)"), APPLIED, loaded=WITHOUT_ROWS, created=created) == Proven()


@pytest.mark.parametrize(
    ("sqlstate", "kind"), [("42P01", Untried), ("42704", Untried), ("42501", Disproven), ("23505", Disproven)]
)
def test_step_that_needs_what_was_skipped_is_not_rehearsed(sqlstate: str, kind: type[Proof]) -> None:
    missing = Skipped(kind="table", name="public.people", reason="of type citext", relations=("public.people",))
    loaded = replace(WITH_ROWS, skipped=(missing,))

    proof = proof_of(step_of("ALTER TABLE People ADD age int"), failed(sqlstate), loaded=loaded, created=frozenset())

    assert type(proof) is kind


TRGM = Skipped(kind="extension", name="pg_trgm", reason="not here", members=frozenset({"similarity", "gin_trgm_ops"}))


@pytest.mark.parametrize(
    ("text", "sqlstate", "message", "kind"),
    [
        (
            "SELECT public.similarity('a', 'b')",
            "42883",
            "function public.similarity(text, text) does not exist",
            Untried,
        ),
        ("SELECT 1", "42704", 'operator class "gin_trgm_ops" does not exist for access method "gin"', Untried),
        ("CREATE EXTENSION pg_trgm", "0A000", 'extension "pg_trgm" is not available', Untried),
        ("SELECT similar('a', 'b')", "42883", "function similar(text, text) does not exist", Disproven),
        ("ALTER TABLE a DROP similarity_2", "42703", 'column "similarity_2" does not exist', Disproven),
    ],
)
def test_what_an_extension_brings_is_needed_without_naming_the_extension(
    text: str, sqlstate: str, message: str, kind: type[Proof]
) -> None:
    loaded = replace(WITH_ROWS, skipped=(TRGM,))

    proof = proof_of(step_of(text), failed(sqlstate, message), loaded=loaded, created=frozenset())

    assert type(proof) is kind


@pytest.mark.parametrize(
    "skipped",
    [
        Skipped(kind="role", name="", reason="unknown"),
        Skipped(kind="setting", name="nowhere", reason="unknown"),
        Skipped(kind="publication", name="now", reason="unknown"),
    ],
    ids=lambda skipped: skipped.kind,
)
def test_failure_is_not_excused_by_something_skipped_that_it_does_not_need(skipped: Skipped) -> None:
    loaded = replace(WITH_ROWS, skipped=(skipped,))
    outcome = failed("42P01", 'relation "nowhere" does not exist')

    proof = proof_of(step_of("ALTER TABLE nowhere ADD x int"), outcome, loaded=loaded, created=frozenset())

    assert type(proof) is Disproven


def test_touched_tables_are_named_or_all() -> None:
    named = [step_of("ALTER TABLE a ADD b int; UPDATE s.c SET d = 1"), step_of("CREATE INDEX CONCURRENTLY ON e (f)")]

    assert touched_by(named) == ("a", "e", "s.c")
    assert touched_by([*named, step_of("DO $$ BEGIN END $$")]) is None
    assert touched_by([*named, step_of("no SQL at all")]) is None
