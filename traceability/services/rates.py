"""How often one source may do a thing; counted by the ``limits`` library in memory or in a shared store."""

from limits import RateLimitItem, parse
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from traceability.config import PREFIX, Settings
from traceability.errors import InvalidInput, TooManyRequests


class Rates:
    """The rates of this service by name: refusal, sign_in, application, match, contest.

    Raises:
        InvalidInput: a setting is no rate; the message names it.

    """

    def __init__(self, settings: Settings) -> None:
        self._limiter = _limiter(settings.rate_storage)
        self._items = {
            "refusal": _rate("refusal_rate", settings.refusal_rate),
            "sign_in": _rate("sign_in_rate", settings.sign_in_rate),
            "application": _rate("application_rate", settings.application_rate),
            "match": _rate("match_rate", settings.match_rate),
            "contest": _rate("contest_rate", settings.contest_rate),
        }

    def allows(self, name: str, source: str, uses: int = 1) -> bool:
        """Count one use, or several at once, and return whether they are within the rate."""
        return self._limiter.hit(self._items[name], name, source, cost=uses)

    def check(self, name: str, source: str, uses: int = 1) -> None:
        """Count one use, or several at once.

        Raises:
            TooManyRequests: the rate is used up; the message says what the rate is.

        """
        if not self.allows(name, source, uses):
            raise TooManyRequests(f"more than {self._items[name]} from {source}; wait, then go on")


def check_rates(settings: Settings) -> None:
    """Check the settings of rates, before anything is opened.

    Raises:
        InvalidInput: one cannot be used; the message names it, what was expected and what came.

    """
    Rates(settings)


def _rate(setting: str, text: str) -> RateLimitItem:
    try:
        found = parse(text)
        if found.amount < 1:
            raise ValueError(text)
    except ValueError as error:
        expected = "a rate of one or more such as 60 per minute or 5/hour"
        raise InvalidInput(f"{PREFIX}{setting.upper()}: expected {expected}; got {text[:200]!r}") from error
    return found


def _limiter(address: str) -> FixedWindowRateLimiter:
    try:
        return FixedWindowRateLimiter(storage_from_string(address))
    except ConfigurationError as error:
        expected = "memory:// or the address of a store such as redis://127.0.0.1:6379"
        kind = address.partition(":")[0][:50]  # the rest may hold a password
        why = str(error).replace(address, f"{kind}:...")[:200]
        raise InvalidInput(f"{PREFIX}RATE_STORAGE: expected {expected}; got one of {kind!r} ({why})") from error
