"""Who holds a release, as its Lease tells. Times are those of the holder's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Holder:
    """who: `user@host pid 7`; run: its id, empty where the Lease names none; since and seen: when it took the lease
    and its last sign of life, None where that cannot be read; seconds: how long the lease lives without one;
    version: another one after every change of the Lease; process: which one it is (edge/processes_here.py), empty where
    not told; gone: it was one of this machine and is no more."""

    who: str
    run: str
    since: datetime | None
    seen: datetime | None
    seconds: float
    version: str = ""
    process: str = ""
    gone: bool = False

    def silent(self, now: datetime) -> float | None:
        """Seconds without a sign of life, by our clock against the holder's: below 0 where the two disagree. None
        where the Lease tells no time."""
        return None if self.seen is None else (now - self.seen).total_seconds()

    def is_late(self, now: datetime) -> bool:
        """Whether its time has run out, as far as the two clocks can be compared."""
        silent = self.silent(now)
        return self.gone or silent is None or silent >= self.seconds

    def words(self, now: datetime) -> str:
        """`ana@laptop pid 7 (run R, since T, last sign of life T, 12 s ago)`."""
        known = [f"run {self.run or 'unknown'}"]
        if self.since is not None:
            known.append(f"since {_stamp(self.since)}")
        silent = self.silent(now)
        if self.seen is None or silent is None:
            known.append("no sign of life is recorded")
        else:
            ago = f"{silent:.0f} s ago" if silent >= 0 else "in the future: its clock is ahead of this one"
            known.append(f"last sign of life {_stamp(self.seen)}, {ago}")
        if self.gone:
            known.append("its process is no more")
        return f"{self.who or 'somebody'} ({', '.join(known)})"


@dataclass(frozen=True)
class Held:
    """who: the holder in words; alive: whether it gave a sign of life in its time, as far as one look can tell."""

    who: str
    alive: bool


@dataclass(frozen=True)
class Attempt:
    """One attempt to take a lease. ours: whether it is held now; holder: who holds it else, or whose it was where it
    was taken over (None: it was free); late: the holder's time has run out and it is being watched for a sign of
    life; patience: seconds for which it must yet stay silent before the lease is taken from it."""

    ours: bool
    holder: Holder | None = None
    late: bool = False
    patience: float = 0.0


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
