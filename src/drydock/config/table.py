"""The table of options in README."""

from drydock.config.option import Option
from drydock.config.schema import OPTIONS


def options_table() -> str:
    """Markdown, one row per option, with a newline at the end. README is held to it by a test."""
    head = "| option | value | default | what it is for |\n| --- | --- | --- | --- |\n"
    return head + "".join(_row(option) for option in OPTIONS)


def _row(option: Option) -> str:
    value = option.kind.metavar.replace("|", "\\|")
    default = f"`{option.default}`" if option.default else option.absent
    return f"| `{option.key}` | {value} | {default} | {option.help} |\n"
