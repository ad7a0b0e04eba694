"""Strategies for reports of any content: the texts in them are as bad as texts can be."""

from datetime import timedelta
from pathlib import Path

from hypothesis import strategies as st

from drydock import model as m
from drydock.errors import ExitCode

HOSTILE = (
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x9b2J",
    "\r\x7f\x00\b",
    "first\nsecond",
    "\n::error::no",
    "::add-mask::no",
    "##[group]no",
    "###vso[task.setvariable]no",
    "\u202eright to left",
    "line\u2028separator\u0085",
    "\udc80lone",
    " ",
    "",
    "naïve ✓ 漢字",
    '"; DROP TABLE users; --',
)

texts = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(st.characters(codec=None), max_size=12),
    st.lists(st.sampled_from(HOSTILE), max_size=3).map("".join),
)
maybe = st.none() | texts
paths = texts.map(Path)
durations = st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=400))
numbers = st.none() | st.integers(min_value=0, max_value=2**31)


def several(entries: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    """Few texts, mostly none."""
    return st.lists(entries, max_size=3).map(tuple)


migrations = st.builds(m.Migration, name=texts, file=paths, checksum=texts)
problems = st.one_of(
    st.builds(m.FailedRow, name=texts, started_at=maybe, migration=st.none() | migrations),
    st.builds(m.Edited, name=texts, file=paths),
    st.builds(m.Missing, name=texts),
    st.builds(m.Newer, name=texts),
    st.builds(m.OutOfOrder, name=texts, after=texts),
    st.builds(m.NotBaselined, tables=several(texts)),
    st.lists(texts, max_size=3).map(lambda names: m.Corrupt(names=tuple(names), on_disk_as=tuple(names))),
    st.builds(m.Locked, table=texts, sessions=several(texts)),
)
some_problems = st.lists(problems, max_size=23).map(tuple)
statuses = st.builds(
    m.Status,
    tool=texts,
    history=st.builds(m.Table, schema=texts, name=texts),
    lock=st.just(m.ToolLock(key=1, holders_block=False)),
    applied=st.lists(st.builds(m.Applied, name=texts, finished_at=maybe), max_size=3).map(tuple),
    pending=st.lists(migrations, max_size=23).map(tuple),
    problems=some_problems,
    preparation=st.just(()),
)
no_seeds = st.builds(m.NoSeed, reason=texts)
decisions = no_seeds | st.builds(
    m.Seed, parts=st.lists(st.builds(m.SeedCommand, argv=several(texts)), max_size=2).map(tuple)
)
plans = st.one_of(
    st.builds(m.Proceed, steps=st.just(()), warnings=some_problems, seed=decisions),
    st.builds(m.NothingPending, warnings=some_problems, seed=decisions),
    st.builds(m.Held, problems=some_problems, warnings=some_problems),
)
courses = st.one_of(
    st.builds(m.Atomic),
    st.builds(m.Whole, reason=texts),
    st.builds(m.Stepwise, reason=texts, resume_after=st.integers(0, 9), uncertain=st.booleans()),
    st.builds(m.ByTool, in_transaction=st.booleans()),
)
refusals = st.builds(
    m.Refusal,
    sqlstate=texts,
    condition=texts,
    message=maybe,
    names=several(texts),
    file=st.none() | paths,
    line=numbers,
    statement=numbers,
    kind=maybe,
)
attempts = st.integers(1, 11)
steps = st.one_of(
    st.builds(
        m.StepApplied,
        migration=migrations,
        course=courses,
        duration=durations,
        attempts=attempts,
        notes=several(texts),
    ),
    st.builds(
        m.StepFailed,
        migration=migrations,
        refusal=refusals,
        clean=st.booleans(),
        truth=texts,
        attempts=attempts,
        blockers=several(texts),
        resume_after=numbers,
    ),
    st.builds(
        m.StepInterrupted,
        migration=migrations,
        signal_number=st.integers(1, 64),
        clean=st.booleans(),
        truth=texts,
    ),
    st.builds(m.StepUnknown, migration=migrations, truth=texts),
    st.builds(m.NotAttempted, migration=migrations),
)
outcomes = st.builds(
    m.Outcome,
    steps=st.lists(steps, max_size=25).map(tuple),
    seed=no_seeds
    | st.builds(m.Seeded, parts=st.integers(0, 9), duration=durations)
    | st.builds(m.SeedFailed, part=texts, reason=texts),
    halt=st.none() | st.builds(m.Halt, reason=texts, exit_code=st.integers(0, 255)),
    notes=several(texts),
)
targets = st.builds(
    m.Target,
    server_version=texts,
    database=texts,
    user=texts,
    mark=st.builds(m.Mark, environment=maybe, travelled=maybe),
    had_tables=st.booleans(),
)
exit_codes = st.sampled_from([int(code) for code in ExitCode]) | st.integers(0, 255)
aborteds = st.builds(m.Aborted, stage=texts, what=texts, truth=texts, hint=texts, exit_code=exit_codes)
reports = st.builds(
    m.Report,
    command=st.sampled_from(["deploy", "check", "status", "resolve", "init"]),
    version=texts,
    verdict=st.builds(m.Verdict, exit_code=exit_codes, line=texts, truth=texts, hint=texts),
    environment=maybe,
    target=st.none() | targets,
    status=st.none() | statuses,
    plan=st.none() | plans,
    rehearsal=st.none() | st.builds(m.NotRehearsed, reason=texts),
    outcome=st.none() | outcomes,
    aborted=st.none() | aborteds,
    duration=durations,
)
