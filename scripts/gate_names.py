"""Write the gate sets of name matching: ``python scripts/gate_names.py [--out DIR]``.

Hand-written base names (``tests/gates/names/base``) are combined with alterations; draws come from a hash with a
fixed seed, so the same tables come out on every machine.
"""

import argparse
from pathlib import Path

from gate_tables.latin import latin_pairs
from gate_tables.natives import SCRIPTS, against_latin, same_script, two_spellings
from gate_tables.rows import table

_OUT = Path(__file__).resolve().parents[1] / "tests" / "gates" / "names"


def tables() -> dict[str, str]:
    """Return the text of each table by its file name."""
    spellings = [pair for script in SCRIPTS for pair in two_spellings(script)]
    made = {"latin.csv": table("latin", [("latin", [*latin_pairs(), *spellings])])}
    for script in SCRIPTS:
        groups = [(script, same_script(script)), (f"{script}-latin", against_latin(script))]
        made[f"{script}.csv"] = table(script, groups)
    return made


def main() -> None:
    """Write every table into the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=_OUT)
    out: Path = parser.parse_args().out
    for name, text in tables().items():
        (out / name).write_text(text, "utf-8")
        print(f"{name}: {text.count(chr(10)) - 1} pairs")


if __name__ == "__main__":
    main()
