"""One option and all its spellings.

An option's key is its name in `drydock.yml`; `history.edited` is `edited` in the section `history`. All other
spellings follow from the key: `--history-edited`, the action input `history_edited`, the environment variable
`DRYDOCK_HISTORY_EDITED`, and `DRYDOCK_HISTORY_EDITED_FILE` for a file that holds the value.
"""

from dataclasses import dataclass

from drydock.config.kinds import Address, Kind
from drydock.config.web_address import Token, WebAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing the user can ask for.

    `absent` says in words what happens when there is no default value. `is_shown` is False where the
    text may hold something secret, though the option itself is none.
    """

    key: str
    kind: Kind
    help: str
    default: str = ""
    absent: str = "not set"
    in_file: bool = True
    is_shown: bool = True
    other_variables: tuple[str, ...] = ()

    @property
    def dest(self) -> str:
        """The name in one word: the action input, and argparse's `dest`."""
        return self.key.replace(".", "_")

    @property
    def flag(self) -> str:
        """The option on the command line."""
        return "--" + self.dest.replace("_", "-")

    @property
    def input_variable(self) -> str:
        """What the GitHub runner makes of the action input."""
        return f"INPUT_{self.dest.upper()}"

    @property
    def variable(self) -> str:
        """The environment variable."""
        return f"DRYDOCK_{self.dest.upper()}"

    @property
    def default_text(self) -> str:
        """The default, for people."""
        return self.default or self.absent

    @property
    def is_secret(self) -> bool:
        """Whether the value must never be shown."""
        return isinstance(self.kind, Address | WebAddress | Token)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """An option as argparse needs it. A switch may stand without a value, which means true."""

    name: str
    dest: str
    metavar: str
    help: str
    default: str
    is_switch: bool
