"""The options of the migration tool; part of `schema.OPTIONS`."""

from drydock.config.kinds import Choice, Text
from drydock.config.option import Option

PATH = Text(expected="a path", metavar="PATH")
# PostgreSQL cuts a longer name with no more than a notice; the history would then be looked for elsewhere.
IDENTIFIER = Text(expected="a name of at most 63 bytes", metavar="NAME", pattern=r"[^\x00-\x1f\x7f]+", longest=63)
EXECUTION = Choice(words=("auto", "file", "statement"))

TOOL = (
    Option(
        key="tool",
        kind=Choice(words=("auto", "prisma", "knex", "sql")),
        default="auto",
        help="The migration tool of the project; auto looks at its files.",
    ),
    Option(key="migrations", kind=PATH, absent="found by the tool", help="Folder of the migrations."),
    Option(key="prisma_schema", kind=PATH, absent="found by the tool", help="Prisma's schema file or folder."),
    Option(
        key="prisma_mode",
        kind=EXECUTION,
        default="auto",
        help="How a Prisma migration is sent: whole, or by statement; auto does as the project's Prisma.",
    ),
    Option(key="knex_file", kind=PATH, absent="found by Knex's rules", help="Knex's knexfile."),
    Option(
        key="knex_environment",
        kind=Text(expected="a name", metavar="NAME", pattern=r"[^\x00-\x1f\x7f]+", longest=200),
        absent="NODE_ENV, or development, as Knex takes it",
        help="Which environment of the knexfile is meant.",
    ),
    Option(
        key="sql_dialect",
        kind=Choice(words=("auto", "golang-migrate", "flat")),
        default="auto",
        help="How the SQL files are named and recorded.",
    ),
    Option(
        key="sql_table",
        kind=IDENTIFIER,
        absent="the dialect's own",
        help="Table with the history of the SQL files.",
    ),
    Option(
        key="sql_schema",
        kind=IDENTIFIER,
        absent="the connection's own",
        help="Schema of the table with the history of the SQL files.",
    ),
    Option(
        key="sql_mode",
        kind=EXECUTION,
        default="auto",
        help="How an SQL file is sent: whole, or statement by statement; auto looks at what is in it.",
    ),
)
