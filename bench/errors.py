"""What can go wrong with the bench itself, as against with a tool that it measures."""


class BenchError(Exception):
    """The bench cannot do its work; the text says what is missing and what to do."""


class RunFailedError(Exception):
    """A tool's run did not do what was asked.

    `summary` is fit for the results: no path of the machine is in it. `said` is the tool's last words, for
    the terminal.
    """

    def __init__(self, summary: str, said: str = "") -> None:
        super().__init__(summary)
        self.summary = summary
        self.said = said
