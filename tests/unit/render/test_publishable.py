"""What may be told outside the run log."""

from dataclasses import replace
from datetime import timedelta

import pytest

from drydock.errors import ExitCode
from drydock.model import Atomic, Change, Refusal, Rehearsed, SeedFailed, StepApplied, StepFailed
from drydock.redact import Scrubber, Secret, scrubber_of
from drydock.render.publishable import abridged, publishable, without_literals
from tests.unit.render.reports import INIT, applied, deployed, outcome, status, verdict
from tests.unit.render.situations import SITUATIONS


@pytest.mark.parametrize(
    ("sql", "masked"),
    [
        ("a = 'x' AND b = 5", "a = '...' AND b = 5"),
        ("'it''s' || 'two'", "'...' || '...'"),
        (r"E'a\'b' = c", "'...' = c"),
        ("\"it's\" = 'x'", "\"it's\" = '...'"),
        ("$$one$$ $tag$ $$ two $tag$", "'...' '...'"),
        ("a$1$b = 'x'", "a$1$b = '...'"),
        ("-- don't\n'x'", "--\n'...'"),
        ("/* don't */ 'x'", "/**/ '...'"),
        ("'one\ntwo' = c", "'...'\n = c"),
        ("'never closed", "'...'"),
        ("AS $function$ x := 'y'; $function$", "AS $function$ x := '...'; $function$"),
    ],
)
def test_literals_are_masked_and_nothing_else(sql: str, masked: str) -> None:
    assert without_literals(sql) == masked


def refused(sqlstate: str, message: str) -> StepFailed:
    refusal = Refusal(sqlstate=sqlstate, condition="some_condition", message=message, names=("table users",))
    return StepFailed(
        migration=INIT, refusal=refusal, clean=True, truth="", blockers=("pid 1: SELECT 'ann@x.example'",)
    )


@pytest.mark.parametrize(
    ("sqlstate", "message", "told"),
    [
        ("23505", "Key (email)=(ann@x.example) already exists", None),
        ("P0001", "ann@x.example is wrong", None),
        ("42P01", 'relation "orders" does not exist', 'relation "orders" does not exist'),
        (
            "42601",
            "unterminated quoted string at or near \"'ann@x.example",
            "unterminated quoted string at or near \"'...'",
        ),
        ("55P03", "n'a pas pu obtenir l'acc\u00e8s", "n'a pas pu obtenir l'acc\u00e8s"),
    ],
)
def test_a_message_is_told_by_its_class_and_without_literals(sqlstate: str, message: str, told: str | None) -> None:
    step = refused(sqlstate, message)
    said = verdict(ExitCode.FAILED_CLEAN, f"Migration a failed: {step.refusal}; 1 migration applied before.", "")
    report = deployed(said, status(INIT), outcome(step))

    public = publishable(report, scrub=Scrubber())

    assert public.outcome is not None
    (failed,) = public.outcome.steps
    assert isinstance(failed, StepFailed)
    assert failed.refusal.message == told
    assert failed.blockers == ("pid 1: SELECT '...'",)
    assert public.verdict.line == f"Migration a failed: {failed.refusal}; 1 migration applied before."


def test_a_seed_that_failed_quotes_no_literal_in_the_verdict_either() -> None:
    seed = SeedFailed(part="a.sql:1", reason="42601 syntax error at or near \"'ann@x.example'\"")
    report = deployed(verdict(ExitCode.SEED_FAILED, f"Applied, but: {seed.reason}.", ""), status(), outcome(seed=seed))

    public = publishable(report, scrub=Scrubber())

    assert public.verdict.line == "Applied, but: 42601 syntax error at or near \"'...'\"."


def changed(what: str, before: str | None, after: str | None) -> tuple[str | None, str | None]:
    change = Change(kind="altered", what=what, aspect="text", before=before, after=after)
    checked = SITUATIONS["checked_on_a_snapshot"]
    assert isinstance(checked.rehearsal, Rehearsed)
    public = publishable(
        replace(checked, rehearsal=replace(checked.rehearsal, changes=(change,))), scrub=Scrubber()
    ).rehearsal
    assert isinstance(public, Rehearsed)
    return public.changes[0].before, public.changes[0].after


def test_schema_changes_quote_no_literal() -> None:
    assert changed("column t.a", "'x'::text", None) == ("'...'::text", None)
    assert changed("comment table t", "free text", "other text") == ("(not shown)", "(not shown)")
    assert changed("function f()", "a\n'x'", "a\n'y'") == ("(not shown)", "(not shown)")


def test_every_text_is_scrubbed_and_the_words_of_closed_lists_are_not() -> None:
    report = replace(SITUATIONS["checked_on_a_snapshot"], environment="added")

    public = publishable(report, scrub=scrubber_of([Secret("added"), Secret("snapshot"), Secret("migration.sql")]))

    assert isinstance(public.rehearsal, Rehearsed)
    assert public.environment == "***"
    assert public.rehearsal.changes[0].kind == "added"
    assert {step.migration.file.name for step in public.rehearsal.steps} == {"***"}


def test_abridged_cuts_long_texts_only() -> None:
    note = "x" * 500
    step = StepApplied(migration=INIT, course=Atomic(), duration=timedelta(0), notes=(note, "short"))
    report = deployed(verdict(ExitCode.DONE, "1 migration applied.", ""), status(), outcome(applied(INIT), step))

    cut = abridged(report, 100)

    assert cut.outcome is not None
    assert cut.outcome.steps[1] == replace(step, notes=("x" * 97 + "...", "short"))
    assert abridged(report, 4000) == report
