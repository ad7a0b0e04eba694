"""The options of the messages: who hears of a run, and when; part of `schema.OPTIONS`."""

from drydock.config.kinds import Choice, Count, Switch
from drydock.config.option import Option
from drydock.config.schema_tool import PATH
from drydock.config.web_address import Token, WebAddress

MESSAGES = (
    Option(
        key="comment",
        kind=Choice(words=("always", "changes", "failures", "off")),
        default="changes",
        help="When to write the comment on the pull request; one that is there is always brought up to date.",
    ),
    Option(
        key="pull_request",
        kind=Count(at_most=2**31),
        absent="found by the event, or by the commit",
        help="Number of the pull request to comment on.",
    ),
    Option(
        key="github_token",
        kind=Token(),
        absent="the job's own token",
        other_variables=("GITHUB_TOKEN",),
        help="Token for the comment; it needs the permission pull-requests: write.",
    ),
    Option(
        key="notify_on",
        kind=Choice(words=("failure", "change", "always")),
        default="change",
        help="When to tell Slack and the webhook; change means a changed target, or a failure.",
    ),
    Option(key="slack_webhook", kind=WebAddress(), absent="none", help="Address of a Slack incoming webhook."),
    Option(key="webhook", kind=WebAddress(), absent="none", help="Address that the result is sent to, as JSON."),
    Option(
        key="webhook_secret",
        kind=Token(expected="one or more keys, with blanks between them", metavar="KEY", many=True),
        absent="not signed",
        help="Key that signs what the webhook gets, as Standard Webhooks; two of them while one is being replaced.",
    ),
    Option(
        key="termination_log",
        kind=PATH,
        default="/dev/termination-log",
        help="File for the verdict in Kubernetes; written where it is there already.",
    ),
    Option(
        key="fail_on_report_error",
        kind=Switch(),
        default="false",
        help="Whether a good run ends with exit code 2 when a message could not be delivered.",
    ),
)
