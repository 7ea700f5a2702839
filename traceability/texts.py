"""Texts for people that are made far from the pages which print them."""


def phrase(text: str) -> str:
    """Return a text as it is, marked as one that people read: it is collected for the files of the pages' languages.

    Given as an f-string, as ``phrase(f"{code} was critical before")``, its form is collected, with ``{code}`` as a
    slot, which is named after what it shows. What is stored and what the API answers stays English; pages know the
    text again by its form and say it in the reader's language (``web/spoken.py``).
    """
    return text
