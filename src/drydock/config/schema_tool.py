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
        kind=Choice(words=("auto", "prisma", "node-pg-migrate", "sql")),
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
    Option(
        key="node_pg_migrate_config",
        kind=PATH,
        absent="as package.json says",
        help="JSON file with node-pg-migrate's own settings.",
    ),
    Option(
        key="node_pg_migrate_transaction",
        kind=Choice(words=("auto", "single", "each")),
        default="auto",
        help="Whether all pending migrations of node-pg-migrate share a transaction; auto does as package.json says.",
    ),
    Option(
        key="sql_dialect",
        kind=Choice(words=("auto", "golang-migrate", "dbmate", "goose", "flat")),
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
