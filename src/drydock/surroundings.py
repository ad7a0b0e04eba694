"""Where a run takes place: which CI, what it may not say, and the log that it writes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TextIO

from drydock.config.ci import Ci, GitHub, ci_of
from drydock.config.settings import Config
from drydock.interruption import Interruption
from drydock.redact import Scrubber, Secret, masks_of, scrubber_of
from drydock.render.run_log import RunLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is the same from the first line of a run to its last."""

    ci: Ci
    environ: Mapping[str, str]
    stop: Interruption
    secrets: tuple[Secret, ...]
    scrub: Scrubber
    log: RunLog

    def hiding(self, more: Iterable[Secret]) -> "Surroundings":
        """The same, where these are hidden too: a throwaway server has a password of its own."""
        secrets = tuple(dict.fromkeys((*self.secrets, *more)))
        scrub = scrubber_of(secrets)
        self.log.hide(scrub)
        return replace(self, secrets=secrets, scrub=scrub)


def surroundings_of(config: Config, environ: Mapping[str, str], *, stop: Interruption, stream: TextIO) -> Surroundings:
    """The surroundings of a run with this configuration. The secrets are masked before anything else is said."""
    ci, secrets = ci_of(environ), (*config.secrets, *_beside(environ))
    scrub = scrubber_of(secrets)
    log = RunLog(stream, scrub=scrub, is_github=isinstance(ci, GitHub))
    log.mask(masks_of(secrets))
    return Surroundings(ci=ci, environ=environ, stop=stop, secrets=secrets, scrub=scrub, log=log)


def _beside(environ: Mapping[str, str]) -> tuple[Secret, ...]:
    """The passwords that libpq takes from the environment, where an address has none."""
    return tuple(Secret(environ[name]) for name in ("PGPASSWORD", "PGSSLPASSWORD") if environ.get(name))
