"""Word lists of the sentence splitter: what a full stop may follow without ending a sentence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Abbreviations:
    """The lists of one language; all in lower case, without the last full stop."""

    titles: frozenset[str]
    """A name follows: the stop never ends the sentence."""
    others: frozenset[str]
    """The stop ends the sentence only before a word of *starters*."""
    numbered: frozenset[str]
    """The stop is no end before a figure."""
    starters: frozenset[str]
    """Words that hardly ever continue a name: capitalised after a stop, they start a sentence."""
    months: frozenset[str] = frozenset()
    """Only for languages that write ordinals with a stop (am 3. Mai)."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ENGLISH = Abbreviations(
    titles=_words(
        "mr mrs ms mx dr prof gen col lt sgt capt cmdr cpl pvt maj adm brig sen rep gov pres rev "
        "hon fr msgr supt det insp messrs mme mlle amb sec atty dist asst gens sens reps govs drs "
        "profs const vs mt ft e.g i.e cf viz"
    ),
    others=_words(
        "st ave blvd rd inc corp co ltd llc bros jr sr esq etc al est dept univ assn approx ph.d "
        "m.d b.a m.a d.c a.m p.m u.s u.k u.n e.u u.s.a u.s.s.r plc gov't "
        "jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thurs fri sat "
        "ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont "
        "neb nev okla ore pa tenn tex vt va wash wis wyo"
    ),
    numbered=_words("no nos p pp vol art fig ch para sect"),
    starters=_words(
        "the a an he she it they we you this that these those there here his her its their our my "
        "in on at for from with after before during since until when while as if because although "
        "though despite but and or so yet however meanwhile moreover also then now today yesterday "
        "what who why how where which not no some many most all both each every several another "
        "one two three according following earlier later last next instead still even once under "
        "police officials authorities i to by of about over more nevertheless asked"
    ),
)
GERMAN = Abbreviations(
    titles=_words("dr prof hr fr z.b d.h u.a o.ä bzw ca evtl ggf inkl vgl sog gen st"),
    others=_words("usw etc mio mrd tel str abs"),
    numbered=_words("nr s bd art abs"),
    starters=_words(
        "der die das ein eine er sie es wir ihr ich dieser diese dieses im in am an auf bei mit "
        "nach vor seit von zu und aber doch auch so wenn als da dort hier was wer wie warum"
    ),
    months=_words(
        "januar februar märz april mai juni juli august september oktober november dezember"
    ),
)
FRENCH = Abbreviations(
    titles=_words("m mm mme mmes mlle dr pr me mgr st ste p.ex c.-à-d cf env"),
    others=_words("etc av bd tél"),
    numbered=_words("no n p pp vol art fig"),
    starters=_words(
        "le la les un une des il elle ils elles on nous vous ce cette ces cet dans en à au aux de "
        "du pour par avec sans sur sous après avant depuis mais et ou donc or car si quand comme"
    ),
)
_NONE: frozenset[str] = frozenset()
UNKNOWN = Abbreviations(titles=_NONE, others=_NONE, numbered=_NONE, starters=_NONE)

BY_LANGUAGE = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH}
"""Other languages get the rules without lists: initials, small letters, decimals, quotations."""
