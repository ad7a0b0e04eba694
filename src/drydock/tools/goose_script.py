"""The annotations of goose 3 (`internal/sqlparser/parser.go`): which lines of a file apply it, and how.

Read line by line, as goose does. What goose sends statement by statement is one script here: the statements stay
where they stand, and a statement between StatementBegin and StatementEnd is given the semicolon that it may lack.
"""

from enum import Enum, auto

from drydock.tools.convention import Unfit, Up

SHAPE = "See the annotations of goose: -- +goose Up, -- +goose Down, -- +goose StatementBegin, -- +goose StatementEnd."
PLAIN = "Write the values into the file, or run this one with goose."
KNOWN = ("up", "down", "statementbegin", "statementend", "no transaction", "envsub on", "envsub off")


class _State(Enum):
    START = auto()
    UP = auto()
    IN_UP = auto()
    DOWN = auto()
    IN_DOWN = auto()


_AFTER = {
    ("up", _State.START): _State.UP,
    ("down", _State.UP): _State.DOWN,
    ("statementbegin", _State.UP): _State.IN_UP,
    ("statementbegin", _State.DOWN): _State.IN_DOWN,
    ("statementend", _State.IN_UP): _State.UP,
    ("statementend", _State.IN_DOWN): _State.DOWN,
}


class _UnfitError(Exception):
    def __init__(self, reason: str, hint: str = SHAPE) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


def up_of(text: str) -> Up | Unfit:
    """The part of a file that applies it."""
    lines = text.removesuffix("\n").split("\n")
    reading = _Reading()
    run: list[str] = []
    try:
        run.extend(reading.line(line.removesuffix("\r")) for line in lines)
        reading.end()
    except _UnfitError as error:
        return Unfit(reason=error.reason, hint=error.hint, line=min(len(run) + 1, len(lines)))
    return Up(text="\n".join((*run, "")), mode=None if reading.has_transaction else "statement")


class _Reading:
    def __init__(self) -> None:
        self.has_transaction = True
        self._state = _State.START
        self._is_within = False
        """A statement has begun and not ended."""

    def line(self, line: str) -> str:
        """What runs of this line. Raises _UnfitError."""
        is_comment = line.strip().startswith("--")
        if is_comment and "+goose" in line:
            return self._annotated(_annotation_in(line))
        if not self._is_within and (is_comment or not line.strip()):
            return ""
        match self._state:
            case _State.START:
                raise _UnfitError("goose takes no statement before -- +goose Up")
            case _State.DOWN | _State.IN_DOWN:
                return ""
            case _State.UP:
                self._is_within = not _ends_with_semicolon(line)
            case _State.IN_UP:
                self._is_within = True
        return line

    def end(self) -> None:
        """Raises _UnfitError when the file ends too early."""
        if self._state is _State.START:
            raise _UnfitError("the file has no -- +goose Up")
        if self._state in (_State.IN_UP, _State.IN_DOWN):
            raise _UnfitError("-- +goose StatementEnd is missing")
        self._require_ended()

    def _annotated(self, word: str) -> str:
        if word == "envsub on":
            raise _UnfitError("values of the environment in SQL (ENVSUB) are not put in by this version", PLAIN)
        if word == "no transaction":
            self.has_transaction = False
        if word in ("no transaction", "envsub off"):
            return ""
        if (following := _AFTER.get((word, self._state))) is None:
            raise _UnfitError(f"-- +goose {word} is out of place here")
        if word == "down":
            self._require_ended()
        ends_statement = word == "statementend" and self._is_within
        self._is_within = self._is_within and word != "statementend"
        self._state = following
        return ";" if ends_statement else ""

    def _require_ended(self) -> None:
        if self._is_within:
            raise _UnfitError("the last statement before this line has no semicolon at the end of a line")


def _annotation_in(line: str) -> str:
    word = line.replace("--", "").replace("+goose", "", 1).strip().lower()
    if line.startswith((" ", "\t")) or word not in KNOWN:
        raise _UnfitError("goose does not know this annotation, or not with blanks before it")
    return word


def _ends_with_semicolon(line: str) -> bool:
    last = ""
    for word in line.split():
        if word.startswith("--"):
            break
        last = word
    return last.endswith(";")
