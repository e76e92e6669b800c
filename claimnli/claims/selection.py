"""Which sentences are offered as claims, and why the others are not.

A wrong drop loses a fact and a wrong keep shows a fragment; so each rule is a pattern that real
sentences do not fit, and a sentence that fits none is kept.
"""

import re
from itertools import islice

from claimnli.config import ClaimsConfig

REASONS: dict[str, str] = {
    "byline": "Who wrote or edited it: 'By Jane Doe', 'Reporting by ...', 'B.Chan--ThChM'.",
    "credit": "Agency, photo or video credit: 'With Post wires', 'Getty Images'.",
    "dateline": "Place, agency, date or time of publication alone on a line.",
    "promotion": "Sharing, subscribing, further reading, advertising: 'Source link', 'Read more'.",
    "notice": "Copyright, cookies, terms and privacy, technical messages.",
    "no_words": "Figures, signs or addresses only: '0.0100', 'https://...'.",
    "question": "A question states nothing.",
    "heading": "A short line, neither full stop nor finite verb: 'Diplomatic efforts underway'.",
    "cut_off": "The end is missing: '... troops have [+2311 chars]', '... said the'.",
    "too_short": "Fewer words than claims.min_words.",
    "too_long": "More words than claims.max_words, or more characters than 20 for each of them.",
    "repeated": "Word for word a sentence that the same article has already made.",
}
"""Every code that DroppedSentence.reason may bear -> what it means."""

_PERSON = r"[A-Z][\w.’'-]*(?:\s+(?:(?:de|van|von|der|bin|al|and|&)\s+)?[A-Z][\w.’'-]*){0,7}"
_AGENCIES = (
    r"(?:AP|AFP|Reuters|Associated Press|Agence France-Presse|Bloomberg|Xinhua|TASS|Tass|Interfax|"
    r"UPI|DPA|dpa|ANSA|EFE|PTI|ANI|IANS|PA|CNN|BBC|NPR|Ukrinform|Anadolu|Yonhap|Kyodo|Getty)"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?"
_DATE = (
    rf"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?\s+)?"
    rf"(?:{_MONTH}\s+\d{{1,2}}(?:,?\s+\d{{4}})?|\d{{1,2}}\s+{_MONTH}(?:,?\s+\d{{4}})?|"
    rf"\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}})"
)
_CLOCK = r"\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?(?:\s[A-Z]{2,4})?"

_CREDITED = (  # names, and the small words between them; a verb ends it
    r"(?:(?:[A-Z][\w.’'-]*|and|in|at|of|for|by|&|[Ee]diting|[Rr]eporting|[Ww]riting|[Aa]dditional)"
    r"(?:[,;]?\s+|[.)]*$))+$"
)
_PLACE = r"(?-i:(?:[A-Z][\w.’'-]*,? ){0,4})"

_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "byline",
        re.compile(
            rf"(?:Story |Text |Written |Posted |Words )?[Bb][Yy]:? (?:{_PERSON}|[A-Z .'’-]+)[.]?$"
            rf"|[Bb][Yy]:? {_PERSON},? (?:in|for|and|at|of) [^.]{{0,60}}$"
            r"|\(?(?:Additional |Further )?(?:[Rr]eporting|[Ee]diting|[Ww]riting|[Cc]ompiled"
            rf"|[Tt]ranslat(?:ed|ion)|[Ee]dited|[Ww]ritten)(?: and \w+)? by:? {_CREDITED}"
            r"|[A-Z]\.\s?[A-Z][\w’'-]+-{1,2}\w+$"
        ),
    ),
    (
        "credit",
        re.compile(
            r"\(?(?:with|from) (?:[\w’']+ ){0,4}(?:wires?|wire reports|agency reports|agencies"
            r"|news services|wire services|agency inputs|inputs from .{2,40})\)?\.?$"
            r"|\(?(?:(?:file )?photo(?:graph)?s?|images?|pictures?|video|illustration|graphic"
            r"|source)(?: credits?)?(?: by\b|:| \||/)[^.!?]{0,120}$|credits?: [^.!?]{0,120}$"
            r"|\(?(?-i:(?:[A-Z][\w.’'-]*(?:\s+|(?=/))|/\s?|via\s|by\s|for\s|and\s){0,10})"
            r"(?:/\s?(?:AP|AFP|Reuters|EPA)(?: Photo)?|Getty Images|AP Photo|Shutterstock)"
            r"(?-i:(?:[/, ]+[A-Z][\w’'-]*){0,4})[.)]*$"
            rf"|[(©]?\s?(?:{_AGENCIES}[ /,]*)+\)?$",
            re.IGNORECASE,
        ),
    ),
    (
        "dateline",
        re.compile(
            r"(?:published|(?:last )?updated|posted|created|modified)(?: on| at)?:? "
            r".{0,60}\d.{0,20}(?<![.!?])$"
            rf"|{_PLACE}(?:{_DATE}|{_CLOCK})(?:,? (?:at )?{_CLOCK})?\.?$"
            r"|\d+ (?:minutes?|hours?|days?|weeks?|months?|mins?|hrs?) (?:ago|read)\.?$"
            rf"|{_PLACE}\((?:{_AGENCIES})\)\s?[-–—]*$",
            re.IGNORECASE,
        ),
    ),
    (
        "promotion",
        re.compile(
            r"(?:source link|share (?:this|on|via|your)\b|share$"
            r"|follow (?:(?:us|him|her)(?: on\b| at\b|$)|@|\w+ on (?:twitter|x|facebook)\b)"
            r"|(?:please )?(?:subscribe|sign up|sign in|log in"
            r"|register)(?: now| today| here| to| for| with|$)|subscribe\b"
            r"|(?:click|tap) (?:here|to)\b|read (?:more|also|next|the full|full|the rest|on)\b"
            r"|see (?:also|more)\b|also read\b|related\b.{0,3}$|related (?:articles?|stor|news)"
            r"|more (?:from|on this|stories)\b|recommended (?:for you|stor)|trending\b.{0,8}$"
            r"|(?:join|like|find) us (?:on|at)\b|get (?:the latest|our|all the latest|breaking)\b"
            r"|download (?:the|our)\b|watch (?:live|the video|more|now)\b|listen to (?:this|the)\b"
            r"|don['’]t miss\b|(?:this )?(?:story|article) continues below|continue reading\b"
            r"|advertisement\b.{0,20}$|sponsored\b.{0,20}$|leave a comment|comments? ?\(?\d*\)?$"
            r"|support (?:our|independent) journalism|newsletter\b.{0,30}$|print$|email$"
            r"|(?:twitter|facebook|whatsapp|telegram|linkedin|reddit|x|email|print|copy link)"
            r"(?:[ ,|/]+(?:twitter|facebook|whatsapp|telegram|linkedin|reddit|x|email|print"
            r"|copy link))*$)",
            re.IGNORECASE,
        ),
    ),
    (
        "notice",
        re.compile(
            r"(?:(?:copyright\s*)?(?:©|\(c\)\s|&copy;)|copyright (?:\d{4}|by\b)"
            r"|.{0,100}all rights reserved|this (?:material|article|story) (?:may not be|was "
            r"originally published|first appeared|has been (?:updated|corrected))"
            r"|(?:we|this (?:web)?site|our (?:web)?site) uses? (?:\w+ )?cookies"
            r"|(?:accept|manage|reject)(?: all)? cookies"
            r"|by (?:continuing|using|clicking|signing up)\b.{0,80}\byou (?:agree|accept|consent)"
            r"|(?:terms of (?:use|service)|privacy policy|cookie policy)\b.{0,60}$"
            r"|(?:please )?enable javascript|your browser (?:does not|doesn['’]t|is not))",
            re.IGNORECASE,
        ),
    ),
)
# Possessive: "#1 #2 ... #20 word" could else be taken apart in 2**20 ways before it fails.
_NO_WORDS = re.compile(r"(?:(?:https?://|www\.)\S++|@\w++|#\w++|[\W\d_])*+$")
_CUT_OFF = re.compile(
    r"\[\+?\d+ chars\]$|\[(?:…|\.\.\.)\]$|\b(?:the|an?|of|to|and|with|that|its|their|from|by)$"
)
_TERMINATED = re.compile(r"[.!?…。！？;][\"”’'»“)\]」』）\s]*$")
_QUESTION = re.compile(r"(?<![?？])[?？][!?？]*+[\"”’'»“)\]」』）\s]*+$")

_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|may|might|must|should|does|did|"
    r"isn[’']t|aren[’']t|wasn[’']t|won[’']t|can[’']t|doesn[’']t|didn[’']t|"
    r"says?|said|tells?|told|announce[sd]|denie[sd]|denies|accuse[sd]|rejects|dismisses|confirms|"
    r"warns|vows|urges|insists|admits|kills|dies|wins|loses|takes|makes|gets|gives|goes|comes|"
    r"becomes|begins|seizes|captures|retakes|launches|arrests|faces|seeks|wants|agrees|refuses|"
    r"condemns|calls for|calls on|hits|remains|continues|expects|believes|rises to|falls to)\b(?!$)"
    r"|\b[a-z]{2,}(?:s|ed) (?:the|an?|its|his|her|their|our|no|more than|over|\d+)\b",
)
"""A verb in a line without a full stop, where words in -s and -ed are mostly no verbs."""

_MAX_HEADING_WORDS = 12
_MAX_CHARACTERS_PER_WORD = 20
"""On average over claims.max_words, far above that of any prose: what is longer is data, or blanks.
It bounds the time that one sentence takes."""

_DATELINE = re.compile(
    rf"[A-Z][A-Z.’'/-]+(?: [A-Z][A-Z.’'/-]+){{0,3}}(?:, [A-Z][\w. ]{{1,24}})?"
    rf"(?:,? {_DATE})?(?:,? \({_AGENCIES}\))?\s?[-–—]{{1,2}}\s"
    rf"|[A-Z][\w.’'/-]+(?: [A-Z][\w.’'/-]+){{0,3}}(?:, [\w. ]{{2,24}})?(?:,? {_DATE})?,? "
    rf"\({_AGENCIES}\)\s?[-–—]{{0,2}}\s"
)
_MARKER = re.compile(r"(?:[-*•·▪◦‣>|]+|#{1,6})\s+")
_WORD = re.compile(r"[^\W_]+(?:[’'.,-][^\W_]+)*")


def skip_lead(text: str, start: int, end: int) -> int:
    """Where the sentence proper begins, after a bullet and a dateline such as 'KYIV (AP) — '."""
    for lead in (_MARKER, _DATELINE):
        match = lead.match(text, start, end)
        if match and match.end() < end:
            start = match.end()
    return start


def reason_to_drop(sentence: str, config: ClaimsConfig) -> str | None:
    """The code of REASONS for which *sentence* is no claim; None if it is one.

    *sentence* has no blanks at its ends. ``repeated`` is not judged here.
    """
    if len(sentence) > config.max_words * _MAX_CHARACTERS_PER_WORD:
        return "too_long"
    n_words = sum(1 for _ in islice(_WORD.finditer(sentence), config.max_words + 1))
    if n_words > config.max_words:
        return "too_long"
    for reason, pattern in _PATTERNS:
        if pattern.match(sentence):
            return reason
    if _NO_WORDS.match(sentence):
        return "no_words"
    if _QUESTION.search(sentence):
        return "question"
    if _CUT_OFF.search(sentence):
        return "cut_off"
    if (
        n_words <= _MAX_HEADING_WORDS
        and not _TERMINATED.search(sentence)
        and not _FINITE.search(sentence)
    ):
        return "heading"
    if n_words < config.min_words:
        return "too_short"
    return None
