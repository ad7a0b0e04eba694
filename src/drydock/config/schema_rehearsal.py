"""The options of the rehearsal and the gate; part of `schema.OPTIONS`."""

from datetime import timedelta

from drydock.config.kinds import Address, Choice, Duration, Location, Switch, Text
from drydock.config.option import Option

CHECKSUM = Text(expected="a SHA-256: 64 hex digits", metavar="HEX", pattern=r"[0-9a-fA-F]{64}", longest=64)
# What begins with a dash would be an option of git's.
REVISION = Text(expected="a branch or commit", metavar="REF", pattern=r"[^-\s][^\s\x00-\x1f]*", longest=200)

REHEARSAL = (
    Option(
        key="rehearse",
        kind=Choice(words=("auto", "target-schema", "snapshot", "history", "none")),
        default="auto",
        help="What to rehearse on: a copy of the target's schema, a snapshot, a replay of the applied migrations, or "
        "nothing; auto takes the snapshot or clone where one is named, else the schema.",
    ),
    Option(
        key="base",
        kind=REVISION,
        absent="from the CI",
        help="For a check on history with no database: the branch or commit whose migrations are replayed first.",
    ),
    Option(
        key="snapshot",
        kind=Location(),
        absent="none",
        is_shown=False,
        help="A pg_dump file or folder, or its https address, to rehearse on, rows and all.",
    ),
    Option(
        key="scratch",
        kind=Choice(words=("embedded", "given", "clone")),
        default="embedded",
        help="Where to rehearse: a throwaway server of our own, a database made on scratch_url's server, or "
        "scratch_url itself, as it is.",
    ),
    Option(key="scratch_url", kind=Address(), absent="none", help="The server, or the clone, to rehearse on."),
    Option(
        key="scratch_disposable",
        kind=Switch(),
        default="false",
        help="Whether roles may be made on the server of scratch: given, as on one that nobody else uses.",
    ),
    Option(
        key="rehearsal_limit",
        kind=Duration(at_least=timedelta(seconds=1)),
        default="30min",
        help="How long the rehearsal may take, the making of the copy included.",
    ),
    Option(
        key="snapshot_rows",
        kind=Choice(words=("auto", "all")),
        default="auto",
        help="Whose rows of the snapshot to restore: those that the pending migrations can reach, or all.",
    ),
    Option(key="snapshot_sha256", kind=CHECKSUM, absent="not checked", help="The SHA-256 that the snapshot must have."),
)
GATE = (
    Option(
        key="gate.unproven",
        kind=Choice(words=("warn", "stop")),
        default="warn",
        help="What to do when the rehearsal could not prove a migration, for want of rows or of an extension.",
    ),
    Option(
        key="gate.reach",
        kind=Choice(words=("ok", "stop")),
        default="stop",
        help="What to do about statements that reach programs, files or other servers, before they are rehearsed.",
    ),
)
