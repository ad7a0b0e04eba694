"""What the analysis of a SQL script says. Plain values; the parser itself is behind `Analyser`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, assert_never


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexBuild:
    """A CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY: a failure of it can leave an invalid index behind.

    All names are as the catalog has them (unquoted, case folded as the server does).
    """

    name: str | None
    """The index; None where the script names none (the server chooses one, or REINDEX of a whole table)."""
    schema: str | None
    """Schema of the table (of the index for REINDEX INDEX, the subject of REINDEX SCHEMA), if written."""
    table: str | None
    """The table; None for REINDEX INDEX, SCHEMA, DATABASE and SYSTEM, which name none."""


Name = tuple[str, str]
"""Schema and name of a relation, as the catalog has them; the schema is empty where none is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Whose rows statements may meet, as far as their text tells it. Nothing is forgotten: in doubt it is `untold`."""

    rows: tuple[Name, ...] = ()
    """Relations whose rows may be read."""
    keys: tuple[Name, ...] = ()
    """Relations whose rows may be read, with the rows that refer to them by foreign keys."""
    writes: tuple[Name, ...] = ()
    """Relations whose rows may be added, changed or removed, which sets off triggers, rules and foreign keys."""
    calls: tuple[str, ...] = ()
    """Names of functions that may be called, without schema."""
    columns: tuple[str, ...] = ()
    """Names of columns it reads: `row.name` calls a function of that name, where there is no such column."""
    makes: tuple[str, ...] = ()
    """Names of functions that are created or replaced, without schema."""
    moves: bool = False
    """Whether a name, or a foreign key, may come to lead elsewhere than it does before the statements run."""
    arms: bool = False
    """Whether a trigger or a rule is made that a later write may set off."""
    untold: str | None = None
    """Why the text cannot tell it: then all rows may be met."""


UNTOLD = Needs(untold="its text was not looked at")


def joined(needs: Iterable[Needs]) -> Needs:
    """What several statements, run one after the other, may meet together."""
    every = tuple(needs)
    return Needs(
        rows=tuple(dict.fromkeys(name for each in every for name in each.rows)),
        keys=tuple(dict.fromkeys(name for each in every for name in each.keys)),
        writes=tuple(dict.fromkeys(name for each in every for name in each.writes)),
        calls=tuple(dict.fromkeys(name for each in every for name in each.calls)),
        columns=tuple(dict.fromkeys(name for each in every for name in each.columns)),
        makes=tuple(dict.fromkeys(name for each in every for name in each.makes)),
        moves=any(each.moves for each in every),
        arms=any(each.arms for each in every),
        untold=next((each.untold for each in every if each.untold), None),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of a script. `text[start:end]` is what the parser read, without its semicolon."""

    number: int
    """From 1, among the statements that are not empty: the server answers each of these with one tag."""
    start: int
    """Character offset of the first token; comments before it are not part of the statement."""
    end: int
    """Character offset behind the last character; comments before the semicolon are part of the statement."""
    line: int
    """Line of the first token, from 1."""
    kind: str
    """The command in upper-case words, like the command tag but more precise: `CREATE INDEX CONCURRENTLY`."""
    hazard: str | None
    """Why the statement must not share one message with the bookkeeping; None when it may."""
    ends_transaction: bool
    """Makes what ran before it durable or gone: COMMIT, END, ROLLBACK, ABORT, PREPARE TRANSACTION."""
    opens_transaction: bool
    """BEGIN, START TRANSACTION; also COMMIT AND CHAIN, ROLLBACK AND CHAIN, which end one and open another."""
    outside_block: bool
    """The server refuses it inside a transaction block (25001): it must be a message of its own."""
    index: IndexBuild | None
    """What CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY builds; None for everything else."""
    strong_locks: tuple[str, ...]
    """Relations named directly that the statement locks against writers or readers, quoted as SQL needs it.

    Best effort, for naming who is in the way. What the script itself created before is left out.
    """
    reads: tuple[str, ...] = ()
    """Relations whose rows decide whether it succeeds, as `strong_locks`; `*` for those that cannot be named."""
    creates: tuple[str, ...] = ()
    """Relations that are certainly new after it."""
    reach: str | None = None
    """What it reaches beyond its server: a program, a file, another server; None when nothing is seen."""
    is_cluster_wide: bool = False
    """Changes what all databases of the server share: roles, databases, tablespaces, settings."""
    needs: Needs = UNTOLD
    """Whose rows it may meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """The whole script was read; between the slices are only blanks, comments and semicolons."""

    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opaque:
    """The script could not be read, so nothing is known of its statements: it must run whole."""

    reason: str
    """What happened, for the user: `the SQL parser crashed on this file`."""
    line: int | None = None
    message: str | None = None
    """The parser's own words. They may quote a word of the script."""


Analysis = Parsed | Opaque


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """Why a script cannot share one message with the bookkeeping, and where."""

    reason: str
    line: int | None


class Analyser(Protocol):
    """Reads scripts without running them."""

    def analyse(self, texts: Sequence[str], protected: frozenset[str]) -> tuple[Analysis, ...]:
        """Answer one analysis per text, in order; never raises for what a text contains.

        `protected` holds names of bookkeeping tables (`name` or `schema.name`) and schemas, as the catalog
        has them. A statement that would create, alter, drop or empty one of these is a hazard.
        """


def hazard_of(analysis: Analysis) -> Hazard | None:
    """Name the first thing that keeps the script off the atomic path; None when it is safe there."""
    match analysis:
        case Opaque(reason=reason, line=line, message=message):
            return Hazard(reason=f"{reason}: {message}" if message else reason, line=line)
        case Parsed(statements=statements):
            hazards = (Hazard(reason=found.hazard, line=found.line) for found in statements if found.hazard)
            return next(hazards, None)
        case _:
            assert_never(analysis)


class AnalyserProcess(Analyser, Protocol):
    """An analyser that is a process: started early, ended at the end."""

    def start(self) -> None:
        """Start it and return at once."""

    def close(self) -> None:
        """End it."""
