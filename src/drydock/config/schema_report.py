"""The options of the report: what is told, where, and as whose run; part of `schema.OPTIONS`."""

from drydock.config.kinds import Choice, Switch, Text
from drydock.config.option import Option
from drydock.config.schema_tool import PATH

REVISION = Text(expected="a commit", metavar="COMMIT", longest=200)
LINK = Text(
    expected="an http(s) address without user and password",
    metavar="URL",
    pattern=r"https?://[^\s/@]+(/[^\s\x00-\x1f\x7f]*)?",
    longest=2000,
)

REPORT = (
    Option(key="report_json", kind=PATH, absent="not written", help="File for the result in JSON."),
    Option(
        key="report_dir",
        kind=PATH,
        absent="not written",
        help="Folder for the report in every format: report.md, report.json, junit.xml, gl-code-quality.json.",
    ),
    Option(
        key="format",
        kind=Choice(words=("text", "json")),
        default="text",
        help="What is printed: text for people, or the result in JSON.",
    ),
    Option(
        key="show_queries",
        kind=Switch(),
        default="false",
        help="Show the query text of sessions that block a migration; it may hold personal values.",
    ),
    Option(
        key="color",
        kind=Choice(words=("auto", "always", "never")),
        default="auto",
        help="Colour in the terminal.",
    ),
    Option(key="commit", kind=REVISION, absent="from the CI", help="Commit for the record of the deploy."),
    Option(
        key="run_url",
        kind=LINK,
        absent="from the CI",
        help="Link to the CI run for the record of the deploy.",
    ),
    Option(
        key="source_url",
        kind=LINK,
        absent="from the CI",
        help="Address of the run's directory at the commit, for links to files: https://HOST/OWNER/NAME/blob/COMMIT.",
    ),
)
