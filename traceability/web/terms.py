"""The words of materials, passages, screenings, keys and reports, which ``words.sentence`` prints from their codes.

They are collected here for the files of languages; the code itself never changes with the language.
"""

from typing import Final

from traceability.web.language import N_

#: Which metal or mineral goods are.
MINERALS: Final = frozenset({
    N_("alumina"), N_("aluminium"), N_("antimony"), N_("argentite"), N_("bauxite"), N_("bismuth"), N_("cassiterite"),
    N_("chalcopyrite"), N_("chromite"), N_("chromium"), N_("cobalt"), N_("cobalt hydroxide"), N_("cobaltite"),
    N_("coltan"), N_("columbite"), N_("copper"), N_("gallium"), N_("germanium"), N_("gold"), N_("graphite"),
    N_("heterogenite"), N_("ilmenite"), N_("lepidolite"), N_("lithium"), N_("magnesite"), N_("magnesium"),
    N_("malachite"), N_("manganese"), N_("natural graphite"), N_("nickel"), N_("niobium"), N_("palladium"),
    N_("pentlandite"), N_("platinum"), N_("polysilicon"), N_("pyrochlore"), N_("pyrolusite"), N_("quartz"),
    N_("rutile"), N_("scheelite"), N_("silicon"), N_("silicon metal"), N_("silver"), N_("sphalerite"), N_("spodumene"),
    N_("stibnite"), N_("tantalite"), N_("tantalum"), N_("tin"), N_("titanium"), N_("tungsten"), N_("vanadium"),
    N_("wolframite"), N_("zinc"),
})  # fmt: skip
#: What a passage of a document is about, and how it is meant.
TOPICS: Final = frozenset({
    N_("armed group"), N_("child labour"), N_("forced labour"), N_("mitigation"), N_("origin undetermined"),
    N_("smelter"), N_("smelter gap"),
})  # fmt: skip
ASSERTIONS: Final = frozenset({
    N_("affirmed"), N_("definition"), N_("historical"), N_("hypothetical"), N_("negated"), N_("policy"),
    N_("remediated"), N_("reported"),
})  # fmt: skip
#: Whose name was screened, on what a hit rests, and the steps of a comparison.
SCREENED: Final = frozenset({
    N_("party"), N_("vessel"), N_("site"), N_("transit place"), N_("document name"), N_("query"), N_("identifier"),
    N_("exact name"), N_("fuzzy name"),
})  # fmt: skip
STEPS: Final = frozenset({
    N_("address"), N_("born"), N_("common"), N_("country"), N_("equal"), N_("identifier"), N_("left out"),
    N_("left over"), N_("legal form"), N_("lei"), N_("letters"), N_("limit"), N_("number"), N_("order"), N_("script"),
    N_("short"), N_("similar"), N_("spacing"), N_("weak alias"), N_("word"), N_("points"), N_("similarity"),
    N_("weight"),
})  # fmt: skip
#: How far a key, an application or a notice is, and how it was checked who asks for a new key.
STATES: Final = frozenset({
    N_("waiting"), N_("approved"), N_("refused"), N_("active"), N_("revoked"), N_("open"), N_("answered"),
    N_("withdrawn"),
})  # fmt: skip
METHODS: Final = frozenset({
    N_("in person"), N_("video call"), N_("telephone"), N_("letter"), N_("official register"),
})  # fmt: skip
#: By what a report is asked for, and what is held.
PARAMETERS: Final = frozenset({
    N_("year"), N_("from"), N_("to"), N_("batch"), N_("shipment"), N_("notice"), N_("document"), N_("all"),
})  # fmt: skip
#: What companies that register are.
PARTY_ROLES: Final = frozenset({
    N_("mine"), N_("trader"), N_("smelter"), N_("laboratory"), N_("carrier"), N_("importer"), N_("authority"),
    N_("operator"),
})  # fmt: skip
#: The steps of a request for information, and how it stands.
REQUESTS: Final = frozenset({
    N_("asked"), N_("answered"), N_("asked again"), N_("accepted"), N_("withdrawn"), N_("open"), N_("overdue"),
    N_("erased"),
})  # fmt: skip
#: What stands under one of two records that an admin compares.
BORNE: Final = frozenset({N_("sites"), N_("batches"), N_("events"), N_("records"), N_("decisions")})
#: What stands on the two sides of something to judge.
JUDGED: Final = frozenset({
    N_("name"), N_("party id"), N_("country"), N_("identifiers"), N_("kind"), N_("list id"), N_("entry key"),
    N_("listed name"), N_("match basis"), N_("score"), N_("name quality"), N_("valid from"), N_("valid to"),
    N_("list version"), N_("event"), N_("notes"), N_("document"), N_("sha256"), N_("outcome"), N_("page"), N_("rule"),
    N_("said by"), N_("why"), N_("read by machine"), N_("confirmed before"), N_("topic"), N_("assertion"),
    N_("label"), N_("confidence"), N_("signed"), N_("about"), N_("high"), N_("low"),
})  # fmt: skip
#: What the reading of a document notes besides its text.
READING: Final = frozenset({
    N_("macro"), N_("script"), N_("launch action"), N_("embedded file"), N_("picture not read"), N_("damaged"),
    N_("language not covered"), N_("extension mismatch"), N_("encoding broken"), N_("encoding guessed"), N_("ocr"),
    N_("hidden sheet"), N_("formula without value"), N_("attachment"), N_("not read"), N_("type not taken"),
})  # fmt: skip
