"""A message that a channel reads in five seconds, and what is cut of one that is too long."""

from dataclasses import replace

import pytest

from drydock.redact import Scrubber
from drydock.render.slack import slack_message
from tests.unit.render.ended_early import lock_timeout, unique_violation
from tests.unit.render.ended_well import applied_all
from tests.unit.render.never_began import unreachable

SCRUB = Scrubber()
RUN = "https://github.example/octo/shop/actions/runs/1"


def test_the_verdict_is_first_then_facts_then_what_to_do_then_the_link() -> None:
    blocks = slack_message(unique_violation(), scrub=SCRUB, link=RUN)["blocks"]

    assert [block["type"] for block in blocks] == ["header", "section", "section", "section", "context"]
    assert blocks[0]["text"]["text"] == ":x: FAILED"
    assert "1 of 3 applied" in str(blocks[2]["fields"])
    assert blocks[3]["text"]["text"].startswith("*Now:* Everything of it was rolled back")
    assert f"<{RUN}|the run>" in blocks[4]["elements"][0]["text"]


@pytest.mark.parametrize(
    ("report", "icon"),
    [(applied_all(), ":white_check_mark: APPLIED"), (lock_timeout(), ":warning: NO LOCK"), (unreachable(), ":x:")],
    ids=["good", "waiting", "bad"],
)
def test_an_icon_and_a_word(report: object, icon: str) -> None:
    assert icon in str(slack_message(report, scrub=SCRUB, link=None)["blocks"][0])  # type: ignore[arg-type] # a report


def test_markup_in_a_name_is_text() -> None:
    report = replace(applied_all(), environment="<!channel> & <@U1>")

    message = slack_message(report, scrub=SCRUB, link=None)

    assert "<" not in str(message)
    assert "&lt;!channel&gt; &amp; &lt;@U1&gt;" in str(message["blocks"][2])


def test_a_verdict_without_end_is_cut_and_never_inside_an_escape() -> None:
    report = unique_violation()
    long = replace(report, verdict=replace(report.verdict, line="a&" * 40_000, truth="<" * 9_000, hint=">" * 9_000))

    message = slack_message(long, scrub=SCRUB, link=RUN)

    texts = [message["text"], message["blocks"][1]["text"]["text"], message["blocks"][3]["text"]["text"]]
    assert all(len(text) <= 3_000 for text in texts)
    for text in texts:
        assert not any(piece.partition(";")[0] not in ("amp", "lt", "gt") for piece in text.split("&")[1:])


def test_a_link_that_would_end_the_link_is_left_out() -> None:
    message = slack_message(applied_all(), scrub=SCRUB, link="https://ci.example/a|b>")

    assert "<" not in str(message)
