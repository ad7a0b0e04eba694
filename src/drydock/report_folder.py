"""The report in every format as files of one folder, for a CI to keep or to show."""

from pathlib import Path

from drydock.files import write
from drydock.model import Report
from drydock.redact import Scrubber
from drydock.render.code_quality import code_quality_text
from drydock.render.junit import junit_text
from drydock.render.markdown import markdown_text
from drydock.render.result import result_text
from drydock.render.room import SUMMARY


def write_reports(report: Report, folder: Path, *, scrub: Scrubber, link: str | None) -> str | None:
    """Write the files, making the folder; why one could not be written, or None. `link` leads to the run."""
    texts = {
        "report.md": markdown_text(report, scrub=scrub, room=SUMMARY, link=link),
        "report.json": result_text(report, scrub=scrub),
        "junit.xml": junit_text(report, scrub=scrub),
        "gl-code-quality.json": code_quality_text(report, scrub=scrub),
    }
    # A folder that takes one file takes all: the first problem is the one to tell.
    return next(filter(None, (write(folder / name, text) for name, text in texts.items())), None)
