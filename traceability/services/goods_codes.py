"""Whether a code of the Combined Nomenclature names goods that exist: one that does not matches no row of any law."""

from traceability.diligence.definitions.annex_i import annex_row
from traceability.lists.hs import is_goods_code


def is_known(cn_code: str) -> bool:
    """Tell whether a code lies below a subheading of the Harmonized System of 2022, or in a row of Annex I.

    Annex I of Reg. (EU) 2017/821 keeps prefixes of an older edition.
    """
    return is_goods_code(cn_code) or annex_row({"cn_code": cn_code}) is not None
