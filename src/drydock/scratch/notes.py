"""In what a scratch is unlike the target, as sentences."""

from drydock.scratch.interface import Likeness

SETTINGS = "The scratch server keeps its own settings (wal_level, full_page_writes, data checksums)."


def version_notes(likeness: Likeness, major: int) -> tuple[str, ...]:
    """What to say when the scratch is of another major than the target; nothing when it is of the same."""
    if likeness.major in (0, major):
        return ()
    return (f"The scratch server is PostgreSQL {major}, the target's is {likeness.major}.",)
