"""Which state of the project an export shows."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True)
class Edition:
    """A commit and its time, in seconds since 1970."""

    commit: str
    time: int

    @property
    def moment(self) -> datetime.datetime:
        return datetime.datetime.fromtimestamp(self.time, datetime.timezone.utc)

    @property
    def date(self) -> str:
        return self.moment.date().isoformat()

    @staticmethod
    def seconds(day: datetime.date) -> int:
        """The beginning of a day, UTC."""
        return int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc).timestamp())
