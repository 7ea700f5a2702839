"""How often one source may do a thing; counted by the ``limits`` library in memory or in a shared store."""

from limits import parse
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from traceability.config import Settings
from traceability.errors import TooManyRequests


class Rates:
    """The rates of this service by name: refusal, sign_in, application."""

    def __init__(self, settings: Settings) -> None:
        self._limiter = FixedWindowRateLimiter(storage_from_string(settings.rate_storage))
        self._items = {
            "refusal": parse(settings.refusal_rate),
            "sign_in": parse(settings.sign_in_rate),
            "application": parse(settings.application_rate),
        }

    def allows(self, name: str, source: str) -> bool:
        """Count one use and return whether it is within the rate."""
        return self._limiter.hit(self._items[name], name, source)

    def check(self, name: str, source: str) -> None:
        """Count one use.

        Raises:
            TooManyRequests: the rate is used up; the message says what the rate is.

        """
        if not self.allows(name, source):
            raise TooManyRequests(f"more than {self._items[name]} from {source}; wait, then go on")
