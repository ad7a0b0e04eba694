"""Every option, declared once. Flags, variables, README and JSON Schema derive from here."""

from datetime import timedelta

from drydock.config.kinds import Address, Choice, Count, Duration, Switch, Text, Texts
from drydock.config.option import Flag, Option
from drydock.config.schema_messages import MESSAGES
from drydock.config.schema_rehearsal import GATE, REHEARSAL
from drydock.config.schema_report import REPORT
from drydock.config.schema_tool import PATH, TOOL

MILLISECOND = timedelta(milliseconds=1)
SECOND = timedelta(seconds=1)

PATTERN = Text(expected="a path or a pattern such as seeds/*.sql", metavar="PATTERN")
COMMAND = Text(expected="a shell command", metavar="COMMAND", pattern=r"[^\x00]+", longest=10_000)
NAME = Text(
    expected="a name of letters, digits, '.', '_' and '-', at most 63",
    metavar="NAME",
    pattern=r"[A-Za-z0-9][A-Za-z0-9._-]*",
    longest=63,
)
REACTION = Choice(words=("ok", "warn", "stop"))

TARGET = (
    Option(
        key="database_url",
        kind=Address(),
        other_variables=("DATABASE_URL",),
        help="Address of the target. In the file, write ${NAME}: a secret stays out of the repository.",
    ),
    Option(
        key="direct_url",
        kind=Address(),
        absent="database_url",
        help="Address that leads to the target past a transaction pooler; used instead of database_url.",
    ),
    Option(
        key="connect_timeout",
        kind=Duration(at_least=SECOND),
        default="10s",
        help="How long one attempt to connect may take.",
    ),
    Option(
        key="wait_for_database",
        kind=Duration(),
        default="60s",
        help="How long to wait for a database that does not answer yet.",
    ),
    Option(
        key="mutex_wait",
        kind=Duration(),
        default="15min",
        help="How long to wait for another Drydock that works on the same target.",
    ),
    Option(
        key="wait_limit",
        kind=Duration(),
        default="15min",
        help="How long the command wait waits for this checkout's migrations.",
    ),
)
PLACE = (
    Option(
        key="environment",
        kind=NAME,
        absent="production rules",
        help="Which environment the target is; chooses the section of that name under environments.",
    ),
)
LIMITS = (
    Option(
        key="lock_timeout",
        kind=Duration(
            at_least=MILLISECOND,
            why_bounded="without a limit it could wait for ever, and everything behind it would wait too",
        ),
        default="2s",
        help="How long a statement may wait for a lock before it gives way and is tried again.",
    ),
    Option(
        key="statement_timeout",
        kind=Duration(at_least=MILLISECOND, none_allowed=True),
        default="none",
        help="How long one statement may take.",
    ),
    Option(
        key="retries",
        kind=Count(at_most=1000),
        default="10",
        help="How often a step is tried again for a lock.",
    ),
    Option(
        key="retry_budget",
        kind=Duration(),
        default="5min",
        help="How long one step may be tried again.",
    ),
    Option(
        key="deploy_budget",
        kind=Duration(),
        default="15min",
        help="How long all steps of a deploy together may be tried again.",
    ),
    Option(
        key="retry_pause_min",
        kind=Duration(at_least=MILLISECOND),
        default="500ms",
        help="Shortest pause before a step is tried again.",
    ),
    Option(
        key="retry_pause_max",
        kind=Duration(at_least=MILLISECOND),
        default="30s",
        help="Longest pause before a step is tried again.",
    ),
    Option(
        key="serialization_retries",
        kind=Count(at_most=1000),
        default="3",
        help="How often a step is tried again after a deadlock (40P01) or a serialization failure (40001).",
    ),
)
HISTORY = (
    Option(
        key="history.edited",
        kind=REACTION,
        default="warn",
        help="A migration was changed after it was applied.",
    ),
    Option(
        key="history.missing",
        kind=REACTION,
        default="warn",
        help="A migration was applied and its file is gone, though a later one is there.",
    ),
    Option(
        key="history.out_of_order",
        kind=REACTION,
        absent="warn; stop where the tool refuses",
        help="A pending migration comes before one that is applied.",
    ),
    Option(
        key="history.failed",
        kind=Choice(words=("stop",)),
        default="stop",
        help="A migration is recorded as failed; nothing is applied on top of it.",
    ),
    Option(
        key="history.newer",
        kind=REACTION,
        default="ok",
        help="The target has migrations newer than this checkout.",
    ),
)
SEED = (
    Option(
        key="seed.environments",
        kind=Texts(item=NAME),
        default="staging",
        help="Environments to seed, never production; the target's own mark must agree.",
    ),
    Option(
        key="seed.files",
        kind=Texts(item=PATTERN),
        absent="none",
        help="SQL files to seed with, in this order.",
    ),
    Option(key="seed.command", kind=COMMAND, absent="none", is_shown=False, help="Command to seed with."),
    Option(key="seed.tool", kind=Switch(), default="false", help="Seed with the migration tool's own seed."),
)

OPTIONS: tuple[Option, ...] = (*TARGET, *TOOL, *PLACE, *REHEARSAL, *GATE, *LIMITS, *HISTORY, *SEED, *REPORT, *MESSAGES)
"""Every option of `drydock.yml`, in the order of README."""

CONFIG_FILE = Option(
    key="config",
    kind=PATH,
    absent="drydock.yml",
    in_file=False,
    help="The configuration file.",
)
SECTIONS = ("gate", "history", "seed")
ENVIRONMENTS = "environments"


def flags() -> tuple[Flag, ...]:
    """Every option as a flag, `--config` first."""
    return tuple(
        Flag(
            name=option.flag,
            dest=option.dest,
            metavar=option.kind.metavar,
            help=option.help,
            default=option.default_text,
            is_switch=isinstance(option.kind, Switch),
        )
        for option in (CONFIG_FILE, *OPTIONS)
    )
