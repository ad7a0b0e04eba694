"""Install the pinned Prisma CLI into a cache outside the repository and make it behave like the native one.

The native engine is not part of the npm package. The package carries the same engine as WebAssembly, which
talks to Postgres through `@prisma/adapter-pg`. Two texts of that adapter differ from what the native engine
of Prisma 5 to 7.3 does; `ADJUSTMENTS` puts them right. The third difference, a timer, is dealt with in
`prisma.config.mjs`.
"""

from dataclasses import dataclass
from pathlib import Path

from tests.oracles import npm
from tests.oracles.npm import Recipe

SOURCE = Path(__file__).parent / "prisma"
SOURCE_FILES = ("package.json", "package-lock.json", "prisma.config.mjs", "schema.prisma")


class AdjustmentError(Exception):
    """The installed package does not hold the text to be changed: the pin moved, or the package did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """One change to the installed package: `found` is replaced by `wanted`, in each of `files`."""

    reason: str
    found: str
    wanted: str
    files: tuple[str, ...]


ADAPTER_FILES = (
    "node_modules/@prisma/adapter-pg/dist/index.js",
    "node_modules/@prisma/adapter-pg/dist/index.mjs",
)

ADJUSTMENTS = (
    Adjustment(
        # Without it `migrate deploy` cannot list the tables.
        reason="read columns of type `name` (oid 19) as text",
        found="    case ScalarColumnType.BPCHAR:\n    case ScalarColumnType.TEXT:",
        wanted="    case 19:\n    case ScalarColumnType.BPCHAR:\n    case ScalarColumnType.TEXT:",
        files=ADAPTER_FILES,
    ),
    Adjustment(
        reason="send a script as one query, as the native engine does, not cut at every semicolon",
        found='const statements = script.split(";").map((stmt) => stmt.trim()).filter((stmt) => stmt.length > 0);',
        wanted="const statements = [script];",
        files=ADAPTER_FILES,
    ),
)


def installed(cache: Path) -> Path:
    """Return a folder under `cache` with the adjusted Prisma CLI. Raises OracleUnavailableError."""
    recipe = Recipe(name="prisma", source=SOURCE, files=SOURCE_FILES, finish=adjust, finish_digest=repr(ADJUSTMENTS))
    return npm.installed(cache, recipe)


def adjust(folder: Path) -> None:
    """Apply every adjustment to the copy in `folder`; a second call changes nothing. Raises
    AdjustmentError.
    """
    for adjustment in ADJUSTMENTS:
        for name in adjustment.files:
            path = folder / name
            path.write_text(adjusted(path.read_text("utf-8"), adjustment), "utf-8")


def adjusted(text: str, adjustment: Adjustment) -> str:
    """Return `text` with one adjustment made. Raises AdjustmentError when there is nothing to adjust."""
    if adjustment.wanted in text:
        return text
    if text.count(adjustment.found) != 1:
        raise AdjustmentError(f"the installed Prisma has changed; cannot {adjustment.reason}")
    return text.replace(adjustment.found, adjustment.wanted)
