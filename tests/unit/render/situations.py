"""Every situation that has golden files: its name, which names the files, and its report."""

from collections.abc import Mapping
from types import MappingProxyType

from drydock.model import Report
from tests.unit.render import ended_early, ended_well, never_began, rehearsals

SITUATIONS: Mapping[str, Report] = MappingProxyType(
    {
        situation.__name__: situation()
        for situation in (
            ended_well.applied_all,
            ended_well.nothing_pending,
            ended_early.unique_violation,
            ended_early.lock_timeout,
            ended_early.half_applied,
            ended_early.interrupted,
            ended_early.halted,
            ended_early.unknown,
            never_began.held_by_failed_row,
            never_began.not_baselined,
            never_began.unreachable,
            never_began.misconfigured,
            ended_early.lost_after_apply,
            ended_well.seeded,
            ended_early.seed_failed,
            ended_well.many_pending,
            ended_early.many_applied,
            never_began.everything_wrong,
            rehearsals.failed_on_the_copy,
            rehearsals.rehearsed_without_rows,
            rehearsals.checked_on_a_snapshot,
            rehearsals.rolled_back,
            rehearsals.rolled_back_for_good,
            rehearsals.rows_left_out,
        )
    }
)
