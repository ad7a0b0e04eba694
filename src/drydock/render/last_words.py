"""A report as one paragraph: what is left to read when a pod and its log are gone."""

from drydock.model import Report
from drydock.redact import Scrubber
from drydock.render.headline import headline_of
from drydock.render.wording import line_of

CUT = " ..."


def last_words(report: Report, size_bytes: int, *, scrub: Scrubber) -> str:
    """Verdict, truth and hint in at most so many bytes of UTF-8. The end is cut first."""
    verdict = report.verdict
    first = f"{headline_of(report).word} (exit {verdict.exit_code}): {verdict.line}"
    sentences = (first, verdict.truth, verdict.hint)
    text = " ".join(line_of(" ".join(scrub(sentence).split())) for sentence in sentences if sentence.strip())
    encoded = text.encode(errors="replace")
    if len(encoded) <= size_bytes:
        return text
    return encoded[: size_bytes - len(CUT)].decode(errors="ignore") + CUT
