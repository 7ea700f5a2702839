"""What the forms of cases share: text of a length, lists of a length, and what a case is about."""

from typing import Any, Final

from marshmallow import Schema, ValidationError, fields, validate

ABOUT: Final = ("party", "site", "batch", "shipment")
MIN_REASON: Final = 20
LONG: Final = 4000
"""The most characters of what a person explains; a line has 500."""
_LINE, _ID, _MANY = 500, 500, 50
_HEX_DIGITS: Final = 64


def words(most: int = _LINE, **options: Any) -> fields.String:
    """Return a field of text that is not blank, with its bound where the published schema shows it."""
    said = f"write text of 1 to {most} characters"

    def bounded(value: str) -> None:
        if len(value) > most:
            raise ValidationError(f"{said}; got {len(value)}")

    # A validator of its own would hide the bound from whoever reads the published schema.
    length = validate.Length(1, most, error=said)
    return fields.String(validate=[bounded, length, validate.Regexp(r".*\S", flags=16, error=said)], **options)


def several(of: type[Schema], least: int, **options: Any) -> "fields.List[Any]":
    """Return a list of at least so many of one form, and of at most 50."""
    return fields.List(fields.Nested(of), validate=validate.Length(least, _MANY), **options)


def papers() -> "fields.List[Any]":
    """Return a list of at most 50 documents of one's own, each by its SHA-256 (FIPS 180-4) in hex digits."""
    said = f"write the SHA-256 of a document as {_HEX_DIGITS} hex digits"

    def bounded(value: str) -> None:
        if len(value) != _HEX_DIGITS:
            raise ValidationError(f"{said}: expected {_HEX_DIGITS} characters; got {len(value)}")

    # As for words(): the bound and the pattern stand where the published schema shows them.
    length, digits = validate.Length(equal=_HEX_DIGITS, error=said), validate.Regexp(r"^[0-9a-f]{64}$", error=said)
    one = fields.String(validate=[bounded, length, digits])
    return fields.List(one, validate=validate.Length(0, _MANY), load_default=list)


class AboutSchema(Schema):
    """What a case is about: a party by its DID, a site by its URI, a batch, or a shipment record."""

    kind = fields.String(required=True, validate=validate.OneOf(ABOUT))
    id = words(_ID, required=True)
