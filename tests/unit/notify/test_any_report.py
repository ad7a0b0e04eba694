"""What holds for every report, whatever its texts are: limits are kept, nothing commands, the verdict is there."""

import io
import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from slack_sdk.models.blocks import Block, ContextBlock, HeaderBlock, SectionBlock

from drydock.model import Report
from drydock.notify.github_annotations import MOST_OF_EACH, GitHubAnnotations
from drydock.notify.github_api import GitHubApi
from drydock.notify.github_comment import GitHubComment, Thread
from drydock.notify.github_files import JobSummary, StepOutputs
from drydock.notify.interface import Allowance
from drydock.notify.trying import Sender
from drydock.redact import Scrubber, Secret
from drydock.render.annotations import FINE, WorkTree, annotations_of
from drydock.render.headline import headline_of
from drydock.render.last_words import last_words
from drydock.render.markdown import markdown_text
from drydock.render.outputs import OUTPUTS, outputs_of
from drydock.render.posted import SHORTENED, posted
from drydock.render.result_schema import result_schema
from drydock.render.room import COMMENT, SUMMARY, Room
from drydock.render.run_log import Part, RunLog, Stage
from drydock.render.slack import slack_message
from drydock.request import Request, Response
from tests.fixtures.runner import commands_in, outputs_in
from tests.unit.render.any_report import reports, texts

VALIDATOR = Draft202012Validator(result_schema())
SCRUB = Scrubber()
TREE = WorkTree(directory=Path("/repository/app"), root=Path("/repository"))
BLOCKS: dict[str, type[Block]] = {"header": HeaderBlock, "section": SectionBlock, "context": ContextBlock}
examples = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def markdown(report: Report, room: Room) -> str:
    """The report in this room."""
    return markdown_text(report, scrub=SCRUB, room=room, link="https://ci.example/run/1")


@examples
@given(report=reports)
def test_annotations_are_few_and_command_nothing_else(report: Report) -> None:
    stream = io.StringIO()
    log = RunLog(stream, scrub=SCRUB, is_github=True)
    telling = GitHubAnnotations(
        annotations=lambda told: annotations_of(told, tree=TREE, scrub=SCRUB), command=log.annotate
    )

    telling.publish(report)

    said = commands_in(stream.getvalue())
    assert len(said) == len(stream.getvalue().splitlines())
    for severity in ("error", "warning", "notice"):
        assert sum(command.name == severity for command in said) <= MOST_OF_EACH
    assert {command.name for command in said} <= {"error", "warning", "notice"}
    assert all(len(command.value) <= 4_096 for command in said)
    assert all(not Path(command.properties.get("file", "x")).is_absolute() for command in said)
    assert all(".." not in Path(command.properties.get("file", "x")).parts for command in said)
    if report.verdict.exit_code not in FINE:
        assert said[0].name == "error"


@examples
@given(report=reports)
def test_outputs_are_exactly_those_of_the_action(report: Report) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "output"
        StepOutputs(file=file, outputs=lambda told: outputs_of(told, scrub=SCRUB)).publish(report)
        found = outputs_in(file.read_text("utf-8"))

    assert found.keys() == OUTPUTS.keys()
    assert found["exit_code"] == str(report.verdict.exit_code)
    assert all(len(value) < 60_000 for value in found.values())
    assert isinstance(json.loads(found["pending_migrations"]), list)


@examples
@given(report=reports, others=st.sampled_from([0, 500_000, 915_000, 919_000, 1_000_000]))
def test_the_summary_never_grows_over_its_limit_and_begins_with_the_verdict(report: Report, others: int) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "summary"
        file.write_bytes(b"x" * others)
        telling = JobSummary(file=file, render=lambda told, size: markdown(told, replace(SUMMARY, limit=size)))

        remark = telling.publish(report)

        text = file.read_bytes()[others:].decode()
    assert others + len(text.encode()) <= max(others, 900 << 10)
    assert (remark is None) == (text != "")
    if remark is None:
        assert headline_of(report).word in text.strip().split("\n")[0]


@examples
@given(report=reports, key=texts)
def test_the_comment_fits_and_begins_with_its_marker_and_then_the_verdict(report: Report, key: str) -> None:
    posted_bodies: list[str] = []

    def answering(request: Request) -> Response:
        if request.method == "GET":
            return Response(status=200, headers={}, body=b"[]")
        posted_bodies.append(json.loads(request.body or b"{}")["body"])
        return Response(status=201, headers={}, body=b"{}")

    sender = Sender(
        send=answering, allowance=Allowance(left_seconds=lambda: 60, wait=lambda _: False), trace=lambda _: None
    )
    thread = Thread(key=key, pull_request=7, sha="", footer="<sub>commit</sub>")
    GitHubComment(
        api=GitHubApi(base_url="", repository="octo/shop", token=Secret("t"), agent="drydock/0", sender=sender),
        thread=thread,
        render=lambda told, units: markdown(told, replace(COMMENT, limit=units)),
        only_update=False,
    ).publish(report)

    (body,) = posted_bodies
    marker, first, *_ = (line for line in body.split("\n") if line.strip())
    assert marker == thread.marker
    assert marker.isascii()
    assert marker.count("--") == 2
    assert headline_of(report).word in first
    assert body.endswith("\n\n<sub>commit</sub>\n")
    assert len(body.encode("utf-16-le")) // 2 <= 65_000
    assert body.count("<!--") == 1


@examples
@given(report=reports)
def test_slack_takes_the_message(report: Report) -> None:
    message = slack_message(report, scrub=SCRUB, link="https://ci.example/run/1")

    for block in message["blocks"]:
        BLOCKS[block["type"]](**{key: value for key, value in block.items() if key != "type"}).to_dict()
    assert len(message["blocks"]) <= 50
    assert 0 < len(message["text"]) <= 4_000
    assert sum(len(json.dumps(block)) for block in message["blocks"]) < 24_000
    assert headline_of(report).word in message["blocks"][0]["text"]["text"]
    assert message["text"].startswith(headline_of(report).word)
    json.dumps(message, ensure_ascii=False).encode("utf-8")


@examples
@given(report=reports)
def test_no_text_of_a_report_is_markup_for_slack(report: Report) -> None:
    message = json.dumps(slack_message(report, scrub=SCRUB, link=None), ensure_ascii=False)

    assert "<" not in message
    assert ">" not in message


@examples
@given(report=reports, size=st.integers(4_000, 20_000))
def test_what_a_webhook_gets_fits_the_schema_and_the_room(report: Report, size: int) -> None:
    body = posted(report, size, scrub=SCRUB)

    document = json.loads(body)
    VALIDATOR.validate(document)
    assert document["verdict"]["exit_code"] == report.verdict.exit_code
    assert len(body) <= size
    assert (SHORTENED in document["notes"]) == (len(posted(report, 10_000_000, scrub=SCRUB)) > size)
    assert body.isascii()


@examples
@given(report=reports)
def test_the_last_words_are_one_short_line_with_the_verdict_first(report: Report) -> None:
    text = last_words(report, 300, scrub=SCRUB)

    assert text.startswith(f"{headline_of(report).word} (exit {report.verdict.exit_code}):")
    assert len(text.encode()) <= 300
    assert "\n" not in text


@examples
@given(lines=st.lists(st.one_of(texts, texts.map(Stage), texts.map(Part)), max_size=12))
def test_a_log_commands_nothing_but_its_own_groups(lines: list[str]) -> None:
    stream = io.StringIO()
    log = RunLog(stream, scrub=SCRUB, is_github=True)

    for line in lines:
        log(line)
    log.unfold()

    found = [command.name for command in commands_in(stream.getvalue())]
    parts = sum(isinstance(line, Part) for line in lines)
    assert found == ["group", "endgroup"] * parts


@examples
@given(lines=st.lists(texts, max_size=12))
def test_elsewhere_a_log_commands_nothing_at_all(lines: list[str]) -> None:
    stream = io.StringIO()
    log = RunLog(stream, scrub=SCRUB, is_github=False)
    log.mask(["canary"])

    for line in lines:
        log(Part(line))
    log.unfold()

    assert commands_in(stream.getvalue()) == ()
    assert "canary" not in stream.getvalue()
