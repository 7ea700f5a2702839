"""Which metal an assay of a mineral speaks of (facts.md 5), by the standard InChIKey of the element (IUPAC InChI 1)."""

ELEMENTS = {
    "Ag": "BQCADISMDOOEFD-UHFFFAOYSA-N",
    "Al": "XAGFODPZIPBFFR-UHFFFAOYSA-N",
    "Au": "PCHJSUWPFVWCPO-UHFFFAOYSA-N",
    "Bi": "JCXGWMGPZLAOME-UHFFFAOYSA-N",
    "C": "OKTJSMMVPCPJKN-UHFFFAOYSA-N",
    "Co": "GUTLYIVDDKVIGB-UHFFFAOYSA-N",
    "Cr": "VYZAMTAEIAYCRO-UHFFFAOYSA-N",
    "Cu": "RYGMFSIKBFXOCR-UHFFFAOYSA-N",
    "Ga": "GYHNNYVSQQEPJS-UHFFFAOYSA-N",
    "Ge": "GNPVGFCGXDBREM-UHFFFAOYSA-N",
    "Li": "WHXSMMKQMYFTQS-UHFFFAOYSA-N",
    "Mg": "FYYHWMGAXLPEAU-UHFFFAOYSA-N",
    "Mn": "PWHULOQIROXLJO-UHFFFAOYSA-N",
    "Nb": "GUCVJGMIXFAOAE-UHFFFAOYSA-N",
    "Ni": "PXHVJJICTQNCMI-UHFFFAOYSA-N",
    "Pd": "KDLHZDBZIXYQEI-UHFFFAOYSA-N",
    "Pt": "BASFCYQUMIYNBI-UHFFFAOYSA-N",
    "Sb": "WATWJIUSRGPENY-UHFFFAOYSA-N",
    "Si": "XUIMIQQOPSSXEZ-UHFFFAOYSA-N",
    "Sn": "ATJFFYVFTNAWJD-UHFFFAOYSA-N",
    "Ta": "GUVRBAGPIYLISA-UHFFFAOYSA-N",
    "Ti": "RTAQQCXQSZGOHL-UHFFFAOYSA-N",
    "V": "LEONUFNNVUYDNQ-UHFFFAOYSA-N",
    "W": "WFKWXMTUELFFGS-UHFFFAOYSA-N",
    "Zn": "HCHKCACWOHOZIP-UHFFFAOYSA-N",
}

_MINERALS = {
    "Ag": ("silver", "argentite"),
    "Al": ("aluminium", "alumina", "bauxite"),
    "Au": ("gold",),
    "Bi": ("bismuth",),
    "C": ("graphite", "natural_graphite"),
    "Co": ("cobalt", "cobaltite", "heterogenite", "cobalt_hydroxide"),
    "Cr": ("chromium", "chromite"),
    "Cu": ("copper", "chalcopyrite", "malachite"),
    "Ga": ("gallium",),
    "Ge": ("germanium",),
    "Li": ("lithium", "spodumene", "lepidolite"),
    "Mg": ("magnesium", "magnesite"),
    "Mn": ("manganese", "pyrolusite"),
    "Nb": ("niobium", "columbite", "pyrochlore"),
    "Ni": ("nickel", "pentlandite"),
    "Pd": ("palladium",),
    "Pt": ("platinum",),
    "Sb": ("antimony", "stibnite"),
    "Si": ("silicon", "silicon_metal", "polysilicon", "quartz"),
    "Sn": ("tin", "cassiterite"),
    # coltan is columbite-tantalite; it is traded and assayed for its tantalum
    "Ta": ("tantalum", "tantalite", "coltan"),
    "Ti": ("titanium", "ilmenite", "rutile"),
    "V": ("vanadium",),
    "W": ("tungsten", "wolframite", "scheelite"),
    "Zn": ("zinc", "sphalerite"),
}
_METAL_OF = {mineral: symbol for symbol, minerals in _MINERALS.items() for mineral in minerals}


def substance_of(mineral: str) -> str | None:
    """Return the InChIKey of the metal a mineral is traded for, or None where the mineral is not in the table."""
    symbol = _METAL_OF.get(mineral.strip().lower())
    return ELEMENTS[symbol] if symbol else None


def is_assay_of(substance: str, mineral: str) -> bool:
    """Tell whether a chemical substance (a URI ending in an InChIKey) is the metal of this mineral."""
    key = substance_of(mineral)
    return key is not None and substance.upper().endswith(f"INCHIKEY:{key}")
