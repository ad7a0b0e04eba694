"""Where folder and history disagree about order or presence: every name is told at most once."""

from hypothesis import given
from hypothesis import strategies as st

from drydock.model import Missing, Newer, OutOfOrder
from drydock.tools.misplaced import misplaced

NAMES = st.frozensets(st.text("abcdef", min_size=1, max_size=2))


@given(on_disk=NAMES, applied=NAMES)
def test_every_name_gets_at_most_one_problem_and_the_right_one(
    on_disk: frozenset[str], applied: frozenset[str]
) -> None:
    problems = misplaced(tuple(sorted(on_disk)), applied, key=str)

    told = {problem.name: type(problem) for problem in problems if isinstance(problem, Missing | Newer | OutOfOrder)}
    newest = max(on_disk, default="")
    last = max(on_disk & applied, default="")
    assert len(told) == len(problems)
    assert told == {
        **{name: Newer if on_disk and name > newest else Missing for name in applied - on_disk},
        **{name: OutOfOrder for name in on_disk - applied if name < last},
    }
