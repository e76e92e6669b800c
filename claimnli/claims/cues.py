"""Words that attribute a statement to somebody, and the words around them that matter.

The verbs were chosen among the most frequent cues of PolNeAR (Newell et al., LREC 2018).
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CORE = _words("said says told added adds Says")
"""Their subject is a speaker, whatever noun it is."""

INVERTED = _words(
    "said says added adds noted wrote explained asked replied warned argued insisted "
    "declared recalled continued announced"
)
"""Verbs before their subject: '...,” said Putin'."""

PLURAL = _words("say claim believe insist argue warn deny acknowledge confirm estimate")
"""Base forms: they attribute only after a plural subject."""

PLURAL_SUBJECTS = _words("police they people some many others men women most military")

NOUN_OR_VERB = _words("claims reports notes estimates")
"""Verbs as often as nouns: only with a clause or a noun phrase after them."""

OF_DOCUMENTS = _words("show shows showed found finds indicate indicates suggest reveals reveal")
"""Verbs that attribute only if a document is the subject: 'the poll found'."""

OF_CLAIMS = _words("challenged challenges refused contested questioned rebuffed rebutted echoed")
"""Verbs that attribute only if a statement is the object: 'refused the claim'."""

VERBS = (
    CORE
    | INVERTED
    | PLURAL
    | OF_DOCUMENTS
    | _words(
        "tells stated announces declares writes tweeted argues explains insists claimed "
        "acknowledged acknowledges admitted admits confirmed confirms denied denies warns "
        "responded concluded reiterated stressed emphasized emphasised asserted alleged alleges "
        "conceded revealed reported remarked testified predicted vowed vows pledged promised "
        "complained joked lamented indicated suggested suggests believes predicts contends "
        "contended repeated commented estimated accused accuses criticized criticised condemned "
        "condemns denounced blamed blames praised praises hailed commended mocked slammed "
        "blasted dismissed dismisses rejected rejects refuted refutes disputed disputes urged "
        "urges welcomed applauded touted cautioned proclaimed boasted cited cites hopes thinks"
    )
)

_CLAIM_NOUN = (
    r"(?:claim|assertion|report|statement|allegation|accusation|suggestion|account|sentiment|remark|"
    r"comment|version|announcement)"
)
CLAIM_WORDS = re.compile(rf"(?:\W+\w+(?:[’']\w*)?){{0,4}}?\W+{_CLAIM_NOUN}s?\b")
"""The object of a verb of OF_CLAIMS."""

PHRASES = re.compile(
    rf"\b(?:pushed back (?:on|against)(?= (?:[\w’']+ ){{0,3}}{_CLAIM_NOUN}s?\b)"
    r"|(?:made|issued) (?:the|an?) (?:\w+ )?(?:announcement|declaration|statement|claim)"
    r"|(?:pays|paid) tribute to|pointed out|points out|made (?:it )?clear"
    r"|(?:called|calls) (?:on|for)|(?:went|goes) on to (?:say|explain|claim|describe))\b"
)
"""Cues of several words."""

PREPOSITIONAL = re.compile(
    r"(?:\b(?P<according>according to)"
    rf"|\b{_CLAIM_NOUN}s? (?:was|were) (?P<made>(?:made|issued) by))\s+",
    re.IGNORECASE,
)
"""Cues that stand before the speaker."""

CLAUSE = re.compile(
    r"[,:]?\s+[“\"‘'„«]|\s+(?:that|the|an?|its?|his|her|their|he|she|they|there|to have|to be|no|"
    r"more|[A-Z]\w*|\d[\d.,]*)\b"
)
"""What follows a word of NOUN_OR_VERB when it is the verb."""

NOT_SAYING = re.compile(
    r"(?:added|responded|reported|blasted|cited) (?:to|from|through|in|with)\b|\S+ by\b"
)
"""Forms of these verbs that attribute nothing: 'the area claimed by Russia', 'it added to'."""

DOCUMENTS = _words(
    "poll polls survey surveys study studies report reports data figures video videos "
    "footage documents document records emails research analysis images transcript "
    "investigation review census"
)
ADVERBS = _words(
    "also later then now repeatedly earlier first only still just again once even already "
    "reportedly further thus often always long simply too himself herself themselves itself "
    "however"
)
AUXILIARIES = _words("has have had")
NO_STATEMENT = _words(
    "is are was were be been being am get got gets to would will could can may might must "
    "should not never did does do cannot if having"
)
"""Before the verb: a passive, a plan, a possibility, a denial of speech."""

CONJUNCTIONS = _words("and but or nor yet so because although though while that if when as after")
LEADS = _words(
    "but and yet so also however meanwhile nevertheless still then now later earlier indeed "
    "instead today yesterday in on at the a an after before monday tuesday wednesday "
    "thursday friday saturday sunday"
)
"""Words at the start of a sentence that are capitalised and name nobody."""

STOPS = CONJUNCTIONS - {"and", "or"} | _words(
    "whereas whenever before unless until since where which who whom whose what why how "
    "than is are was were be been being has have had will would could can may might must "
    "should do does did said says told despite like amid"
)
"""Words that no name of a speaker contains."""

PREPOSITIONS = _words(
    "in on at during for with by from to of about under over amid within without into "
    "against between among through via per following including"
)
PRONOUNS = _words("he she they it")
POSSESSIVES = _words("his her their its our my")
DETERMINERS = POSSESSIVES | _words("the a an this another one some many most several two three")
NO_SPEAKER = _words(
    "i we you these those that what there it's and or here everyone nobody someone anyone "
    "nothing everything plan schedule law please having not only"
)
NO_NOUN = PREPOSITIONS | _words("all the a an and this its their his her or")
"""Words in which no noun phrase ends."""

TIME = re.compile(
    # Of a row of blanks only the first begins it: else the row would take quadratic time.
    r"(?:(?:,|(?<!\s))\s+(?:(?:late|early|earlier|later)\s+)?(?:on\s+)?(?:last |this )?(?:Mon|Tues|"
    r"Wednes|Thurs|Fri|Satur|Sun)day(?:\s+(?:morning|afternoon|evening|night))?|(?:,|(?<!\s))\s+"
    r"(?:yesterday|today|last \w+|this \w+|earlier|later|on \w+ \d{1,2})|(?<!\s)\s+in (?:\d{4}|"
    r"an? (?:statement|post|speech|tweet|video|letter|briefing|interview|message)\b.*))\s*\Z"
)
"""When and where it was said, at the end of a phrase."""

ANY = re.compile(
    r"\b(?:"
    + "|".join(sorted(VERBS | NOUN_OR_VERB | OF_CLAIMS))
    + r"|[Aa]ccording to|(?:made|issued) (?:the|an?|by)|pushed back|tribute to|point(?:ed|s) out"
    r"|clear|call(?:ed|s) (?:on|for)|on to)\b"
)
"""One of them stands in every sentence that can be attributed: a quick first look."""
