"""One comment per environment and database, whatever GitHub answers: written once, then kept up to date."""

import time
from dataclasses import replace

import pytest

from drydock.notify.github_api import GitHubApi
from drydock.notify.github_comment import MAY_NOT_WRITE, GitHubComment, Thread
from drydock.notify.interface import NotifyError
from drydock.redact import Secret
from tests.fixtures.github_api import INTEGRATION, REPOSITORY, TOKEN, FakeGitHub, Fault
from tests.fixtures.telling import Clock
from tests.unit.render.ended_early import unique_violation
from tests.unit.render.ended_well import applied_all

THREAD = Thread(key="staging/shop", pull_request=7, sha="a" * 40, footer="<sub>commit aaaaaaa</sub>")
BEFORE = applied_all()
AFTER = unique_violation()
BAD_GATEWAY = Fault(status=502, content={"message": "Bad Gateway"})


def comment_on(github: FakeGitHub, clock: Clock, thread: Thread = THREAD) -> GitHubComment:
    api = GitHubApi(
        base_url=github.url, repository=REPOSITORY, token=Secret(TOKEN), agent="drydock/0.1.0", sender=clock.sender
    )
    return GitHubComment(
        api=api,
        thread=thread,
        render=lambda report, units: (f"**{report.verdict.line}** " + "x" * units)[:units],
        only_update=False,
    )


def test_a_comment_is_created_then_updated_and_never_there_twice(github: FakeGitHub) -> None:
    telling = comment_on(github, Clock())

    telling.publish(BEFORE)
    telling.publish(AFTER)

    (body,) = github.bodies
    assert body.split("\n")[0] == "<!-- drydock:v1 key=staging/shop -->"
    assert AFTER.verdict.line in body
    assert body.rstrip().endswith("<sub>commit aaaaaaa</sub>")
    assert github.methods() == ["GET", "POST", "GET", "PATCH"]


def test_a_comment_that_says_the_same_already_is_left_alone(github: FakeGitHub) -> None:
    comment_on(github, Clock()).publish(BEFORE)

    comment_on(github, Clock()).publish(BEFORE)

    assert github.methods() == ["GET", "POST", "GET"]


def test_our_comment_is_found_on_the_third_page(github: FakeGitHub) -> None:
    for number in range(230):
        github.comment(f"a remark {number}", login="reviewer")
    ours = github.comment(f"{THREAD.marker}\nold")
    github.comment("the last word", login="reviewer")

    comment_on(github, Clock()).publish(AFTER)

    assert AFTER.verdict.line in ours["body"]
    assert len(github.comments) == 232


def test_a_comment_of_somebody_else_with_our_marker_is_not_touched(github: FakeGitHub) -> None:
    theirs = github.comment(f"{THREAD.marker}\nmine now", login="mallory")

    comment_on(github, Clock()).publish(AFTER)

    assert theirs["body"] == f"{THREAD.marker}\nmine now"
    assert len(github.comments) == 2


def test_a_comment_by_the_user_of_the_token_is_ours(github: FakeGitHub) -> None:
    github.login = "deployer"
    ours = github.comment(f"{THREAD.marker}\nold")

    comment_on(github, Clock()).publish(AFTER)

    assert AFTER.verdict.line in ours["body"]
    assert len(github.comments) == 1


def test_a_marker_that_is_quoted_further_down_is_no_marker(github: FakeGitHub) -> None:
    quoting = github.comment(f"> see\n{THREAD.marker}\n", login="review-app[bot]")

    comment_on(github, Clock()).publish(AFTER)

    assert quoting["body"].startswith("> see")
    assert len(github.comments) == 2


def test_every_key_has_a_comment_of_its_own(github: FakeGitHub) -> None:
    comment_on(github, Clock()).publish(AFTER)
    comment_on(github, Clock(), replace(THREAD, key="production/shop")).publish(AFTER)
    comment_on(github, Clock(), replace(THREAD, key="--> production-eu/shop")).publish(AFTER)

    firsts = [body.split("\n")[0] for body in github.bodies]
    assert len(set(firsts)) == 3
    assert all(first.endswith(" -->") and first.count("--") == 2 for first in firsts)


@pytest.mark.parametrize("status", [403, 404])
def test_a_comment_that_cannot_be_changed_gets_a_successor(github: FakeGitHub, status: int) -> None:
    github.comment(f"{THREAD.marker}\nold")
    github.faults = [Fault(status=status, content={"message": "no"}, method="PATCH")]

    comment_on(github, Clock()).publish(AFTER)

    assert [AFTER.verdict.line in body for body in github.bodies] == [False, True]


def test_a_body_that_is_too_long_is_sent_once_more_as_short_as_can_be(github: FakeGitHub) -> None:
    github.longest_body = 10_000

    comment_on(github, Clock()).publish(AFTER)

    (body,) = github.bodies
    assert AFTER.verdict.line in body
    assert github.methods() == ["GET", "POST", "POST"]


def test_the_body_is_never_longer_than_github_takes(github: FakeGitHub) -> None:
    comment_on(github, Clock()).publish(AFTER)

    assert 64_000 < len(github.bodies[0]) <= 65_000


def test_a_token_that_may_only_read_is_told_once_and_is_no_error(github: FakeGitHub) -> None:
    github.may_write = False

    remark = comment_on(github, Clock()).publish(AFTER)

    assert remark == MAY_NOT_WRITE
    assert "pull-requests: write" in MAY_NOT_WRITE
    assert github.methods() == ["GET", "POST"]


def test_a_token_that_may_not_even_read_is_told_the_same(github: FakeGitHub) -> None:
    github.faults = [Fault(status=403, content=INTEGRATION)]

    assert comment_on(github, Clock()).publish(AFTER) == MAY_NOT_WRITE


def test_the_same_token_with_a_comment_to_update_is_told_the_same(github: FakeGitHub) -> None:
    github.comment(f"{THREAD.marker}\nold")
    github.may_write = False

    assert comment_on(github, Clock()).publish(AFTER) == MAY_NOT_WRITE


@pytest.mark.parametrize(
    ("fault", "waits"),
    [
        (Fault(status=403, headers={"Retry-After": "7"}, content={"message": "slow down"}), 7),
        (Fault(status=429, headers={"Retry-After": "3"}, content={"message": "slow down"}), 3),
        (Fault(status=403, content={"message": "You have exceeded a secondary rate limit."}), 60),
        (Fault(status=403, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, content={}), 1),
    ],
    ids=["403 with retry-after", "429", "403 by the secondary limit", "403 with nothing remaining"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_limit_is_waited_for(github: FakeGitHub, fault: Fault, waits: float, method: str) -> None:
    clock = Clock(seconds=100)
    github.faults = [replace(fault, method=method)]

    assert comment_on(github, clock).publish(AFTER) is None

    assert clock.waits == [waits]
    assert len(github.comments) == 1


def test_a_limit_that_lasts_longer_than_we_have_is_an_error_and_not_waited_for(github: FakeGitHub) -> None:
    clock = Clock(seconds=60)
    github.faults = [Fault(status=403, headers={"Retry-After": "600"}, content={}, method="POST")]

    with pytest.raises(NotifyError, match="403: too many requests"):
        comment_on(github, clock).publish(AFTER)

    assert clock.waits == []


def test_one_bad_gateway_is_tried_again(github: FakeGitHub) -> None:
    github.faults = [BAD_GATEWAY]

    comment_on(github, Clock()).publish(AFTER)

    assert github.methods() == ["GET", "GET", "POST"]


def test_a_post_that_worked_though_its_answer_is_bad_is_not_repeated(github: FakeGitHub) -> None:
    github.faults = [replace(BAD_GATEWAY, method="POST", works=True)]

    comment_on(github, Clock()).publish(AFTER)

    assert len(github.comments) == 1
    assert github.methods() == ["GET", "POST", "GET"]


def test_a_post_that_did_not_work_is_repeated_after_a_look(github: FakeGitHub) -> None:
    github.faults = [replace(BAD_GATEWAY, method="POST")]

    comment_on(github, Clock()).publish(AFTER)

    assert len(github.comments) == 1
    assert github.methods() == ["GET", "POST", "GET", "POST"]


def test_a_post_without_an_answer_in_time_is_looked_for_before_it_is_repeated(github: FakeGitHub) -> None:
    github.faults = [Fault(status=504, content={}, method="POST", works=True, delay_seconds=0.6)]
    since = time.monotonic()

    comment_on(github, Clock(read_seconds=0.2)).publish(AFTER)

    assert time.monotonic() - since < 5
    assert len(github.comments) == 1


def test_a_server_that_is_down_for_good_is_an_error_that_names_no_address(github: FakeGitHub) -> None:
    github.faults = [BAD_GATEWAY] * 50

    with pytest.raises(NotifyError) as caught:
        comment_on(github, Clock()).publish(AFTER)

    assert "502" in str(caught.value)
    assert github.url not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_after_a_signal_nothing_is_waited_for(github: FakeGitHub) -> None:
    clock = Clock(is_stopped=True)
    github.faults = [BAD_GATEWAY]

    with pytest.raises(NotifyError, match="502"):
        comment_on(github, clock).publish(AFTER)

    assert github.methods() == ["GET"]


def test_a_push_to_main_finds_its_pull_request_by_the_commit(github: FakeGitHub) -> None:
    github.pull(3, merge_commit="b" * 40)
    github.pull(9, merge_commit="a" * 40)

    comment_on(github, Clock(), replace(THREAD, pull_request=None)).publish(AFTER)

    assert [asked.path.partition("?")[0].rpartition(REPOSITORY)[2] for asked in github.asked] == [
        f"/commits/{'a' * 40}/pulls",
        "/issues/9/comments",
        "/issues/9/comments",
    ]


def test_a_commit_without_a_pull_request_is_passed_over_in_silence(github: FakeGitHub) -> None:
    assert comment_on(github, Clock(), replace(THREAD, pull_request=None)).publish(AFTER) is None

    assert github.methods() == ["GET"]


@pytest.mark.parametrize("is_there", [True, False], ids=["there", "not there"])
def test_only_an_update_begins_no_comment(github: FakeGitHub, *, is_there: bool) -> None:
    if is_there:
        github.comment(f"{THREAD.marker}\nold")

    replace(comment_on(github, Clock()), only_update=True).publish(BEFORE)

    assert [BEFORE.verdict.line in body for body in github.bodies] == [True] * is_there


def test_what_github_says_itself_is_not_repeated(github: FakeGitHub) -> None:
    github.faults = [Fault(status=401, content=INTEGRATION | {"message": "Bad credentials ghp_canary"})]

    with pytest.raises(NotifyError, match="401: the token is not valid") as caught:
        comment_on(github, Clock()).publish(AFTER)

    assert "canary" not in str(caught.value)
