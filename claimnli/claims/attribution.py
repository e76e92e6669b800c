"""Who says it: the speaker of a sentence by its reporting verb, in the words of the article.

Rules over words, no parser. They prefer silence to a wrong speaker: the subject must be a short run
of words that begins at a hard limit (the start of the sentence, a comma, the end of a quotation),
so that the verb governs the sentence and not a side clause; and the verb must not be a denial of
speech ('did not say'), an intention ('to announce') or a passive ('was told').
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from claimnli.claims import cues
from claimnli.claims.quotes import Span, quoted_spans
from claimnli.claims.speakers import is_speaker, is_title

_WORD = re.compile(r"[^\W_](?:[\w.&’'/-]*[\w’'])?")
_SHORT_PARENTHESIS = re.compile(r"(?<=\w )\([^()]{1,30}\)")
_CLOSING = "\"”’'»“"
_LIMIT = re.compile(r"[,;:–—()\[\]\"“”„«»…!?]|\s-|--|(?<=[,.!?])['’](?=\s)|\.(?=\s|$)")
_NOUN_PHRASE_END = re.compile(
    r"[,;:–—()\[\]\"“”„«»…!?]|\s-|--|\s[‘'](?=\w)|\.(?=\s|$)|\s(?:who|which|that|when|while|as|"
    r"after|before|during|in|on|at|about|with|to|if|but|since|where|because|said|says|is|was|has|are|were|had|"
    r"have|this|last|later|earlier|yesterday|today|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
)
_NAME_IN_APPOSITION = re.compile(
    r",\s+(?:[A-Z][\w.’'-]*\s+){0,3}[A-Z][\w’'-]*(?=,|\.?$|\.\s|\s(?:in|on|at|during|said|told)\b)"
)
_NAME = re.compile(r"\s*(?:[A-Z][\w.’'-]*\s+){0,4}[A-Z][\w.’'-]*\s*$")
_LEADING = re.compile(
    r"(?:(?:but|and|yet|so|also|however|meanwhile|nevertheless|still|then|now|later|earlier|indeed|"
    r"instead|today|yesterday|(?:last|this|next) (?:week|month|year)|(?:shortly|soon) after|"
    r"(?:on )?(?:mon|tues|wednes|thurs|fri|satur|sun)day)\s+)+",
    re.IGNORECASE,
)
_SOON_AFTER = re.compile(r"(?:but |and )?(?:shortly|soon) after\s[^,]*(?:,\s+\w+ing\b|$)", re.I)
_PAUSE = tuple(",.!?—–…-")
_MAX_SUBJECT_CHARS = 160
_MAX_SUBJECT_WORDS = 14
_MAX_ASIDES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The words of one sentence that say whose statement it is."""

    speaker: str
    """Verbatim; may be a pronoun."""
    cue: str
    """Verbatim."""


def quoted_share(sentence: str, quotes: list[Span]) -> float:
    """Share of the letters and figures of *sentence* that stand within *quotes*, 0 to 1."""
    n_all = sum(map(str.isalnum, sentence))
    n_quoted = sum(sum(map(str.isalnum, sentence[start:end])) for start, end in quotes)
    return n_quoted / n_all if n_all else 0.0


def attribute(sentence: str, quotes: list[Span] | None = None) -> Attribution | None:
    """Find who makes the statement of *sentence*; None if it is the article itself.

    Of several attributions the first counts ('Russia said ..., but Kyiv denied it' is Russia's),
    unless one closes the sentence ('..., officials said.'), which covers it all. *quotes* are the
    quoted spans of the sentence, if they are known.
    """
    if not cues.ANY.search(sentence):
        return None
    if quotes is None:
        quotes = quoted_spans(sentence, 0, len(sentence))
    narrative = _SHORT_PARENTHESIS.sub(_as_name, blot_quotes(sentence, quotes))
    found = sorted([*_by_preposition(narrative), *_by_verb(narrative, sentence)])
    if not found:
        return None
    cue, speaker = next((pair for pair in found if _closes_sentence(narrative, *pair)), found[0])
    return Attribution(speaker=sentence[slice(*speaker)], cue=sentence[slice(*cue)])


def blot_quotes(sentence: str, quotes: list[Span]) -> str:
    """*sentence* with quotation marks in place of all that stands between them; same length."""
    parts, done = [], 0
    for start, end in quotes:
        parts += [sentence[done:start], '"' * (end - start)]
        done = end
    return "".join([*parts, sentence[done:]])


def _as_name(parenthesis: re.Match[str]) -> str:
    return "X" * len(parenthesis.group())  # 'Rep. Jim Jordan (R-Ohio) said': a part of the name


def _closes_sentence(narrative: str, cue: Span, speaker: Span) -> bool:
    start, end = min(cue[0], speaker[0]), max(cue[1], speaker[1])
    rest = cues.TIME.sub("", narrative[end:].rstrip(' ."'))
    return narrative[:start].rstrip().endswith(",") and not rest.strip()


def _by_preposition(narrative: str) -> Iterator[tuple[Span, Span]]:
    for match in cues.PREPOSITIONAL.finditer(narrative):
        speaker = _noun_phrase(narrative, match.end())
        if speaker:
            group = "according" if match["according"] else "made"
            yield match.span(group), speaker


def _by_verb(narrative: str, sentence: str) -> Iterator[tuple[Span, Span]]:
    words = list(_WORD.finditer(narrative))
    phrases = {m.start(): m for m in cues.PHRASES.finditer(narrative)}
    for i, word in enumerate(words):
        phrase = phrases.get(word.start())
        if phrase is None and not _is_cue(narrative, word):
            continue
        cue = _with_auxiliaries(narrative, words, i, (phrase or word).end())
        if cue is None:
            continue
        speaker = _subject_before(narrative, sentence, words, cue[0])
        if speaker is None and phrase is None:
            speaker = _subject_after(narrative, word)
        if speaker and (phrase or _fits(narrative[slice(*speaker)], word.group().lower())):
            yield cue, speaker


def _is_cue(narrative: str, word: re.Match[str]) -> bool:
    verb, end = word.group(), word.end()
    if verb in cues.OF_CLAIMS:
        return cues.CLAIM_WORDS.match(narrative, end) is not None
    if verb in cues.NOUN_OR_VERB:
        return cues.CLAUSE.match(narrative, end) is not None
    return verb in cues.VERBS


def _fits(speaker: str, verb: str) -> bool:
    words = speaker.lower().split()
    if verb in cues.OF_DOCUMENTS:
        return not cues.DOCUMENTS.isdisjoint(words)
    if verb in cues.PLURAL:
        several = "and" in words and speaker.split()[-1][:1].isupper()
        return several or words[-1].endswith("s") or words[-1] in cues.PLURAL_SUBJECTS
    if verb in cues.CORE:
        return True
    return is_speaker(speaker, of_any_verb=True)


def _with_auxiliaries(narrative: str, words: list[re.Match[str]], i: int, end: int) -> Span | None:
    """The cue with 'has' and the adverbs before it; None if it is a passive, a denial, a plan."""
    start = words[i].start()
    for word in reversed(words[max(0, i - 4) : i]):
        low = word.group().lower()
        if narrative[word.end() : start].strip():  # a comma or a quotation mark stands between
            break
        if low in cues.NO_STATEMENT or low.endswith(("n't", "n’t")):
            return None
        if low in cues.AUXILIARIES:
            start = word.start()
        elif not (low in cues.ADVERBS or low.endswith("ly")):
            break
    if cues.NOT_SAYING.match(narrative, words[i].start()):
        return None
    return start, end


def _subject_after(narrative: str, verb: re.Match[str]) -> Span | None:
    """The speaker in '...,” said X' and '..., said X.'."""
    before = narrative[: verb.start()].rstrip()
    if verb.group() not in cues.INVERTED or not before or before[-1] not in '",' + _CLOSING:
        return None
    speaker = _noun_phrase(narrative, verb.end())
    if speaker is None or before[-1] != ",":
        return speaker
    rest = narrative[speaker[1] :].lstrip()
    return speaker if not rest or rest[0] in ".," else None


def _noun_phrase(narrative: str, start: int) -> Span | None:
    """The speaker that begins at *start*, up to a comma, a verb, a relative clause, a place."""
    while start < len(narrative) and narrative[start].isspace():
        start += 1
    end = len(narrative)
    for match in _NOUN_PHRASE_END.finditer(narrative, start):
        if match.group() == "." and is_title(narrative[start : match.start()]):
            continue
        end = match.start()
        name = _NAME_IN_APPOSITION.match(narrative, end)
        if name:  # 'Russia’s chief of staff, Valery Gerasimov, ...'
            end = name.end()
        break
    while end > start and narrative[end - 1].isspace():
        end -= 1
    return (start, end) if is_speaker(narrative[start:end]) else None


def _subject_before(
    narrative: str, sentence: str, words: list[re.Match[str]], verb: int
) -> Span | None:
    """The words between the last limit and *verb*, if they are a subject and nothing more."""
    floor = max(0, verb - _MAX_SUBJECT_CHARS)
    end, last = _without_asides(narrative, floor, verb)
    start = _last_limit(narrative, floor, end)
    if start is None:
        return None
    # 'The “loopholes” he cited': a quotation that no comma closes belongs to the noun phrase.
    if narrative[start - 1 : start] == '"' and not sentence[:start].rstrip(_CLOSING).endswith(
        _PAUSE
    ):
        return None
    inside = [w for w in words if start <= w.start() and w.end() <= end]
    lead = _LEADING.match(narrative, start, end)
    if lead and ("after" not in lead.group().lower() or _SOON_AFTER.match(narrative, start)):
        inside = [w for w in inside if w.start() >= lead.end()]
    while inside and _is_adverb(inside[-1].group()):
        inside.pop()
    if not inside or len(inside) > _MAX_SUBJECT_WORDS:
        return None
    start, end = inside[0].start(), inside[-1].end()
    end = start + len(cues.TIME.sub("", narrative[start:end]).rstrip(" ,"))
    if not is_speaker(narrative[start:end]):
        return None
    return start, max(end, last)


def _is_adverb(word: str) -> bool:
    return word in cues.ADVERBS | cues.AUXILIARIES or (word.islower() and word.endswith("ly"))


def _without_asides(narrative: str, floor: int, end: int) -> Span:
    """Where the subject ends before ', however,' or ', who ...,'; and where a name in apposition
    ends that belongs to it (0 if there is none): 'Russia’s chief of staff, Valery Gerasimov, said'.
    """
    last = 0
    for _ in range(_MAX_ASIDES):
        stretch = narrative[floor:end].rstrip()
        if not stretch.endswith(","):
            break
        comma = stretch.rfind(",", 0, -1)
        if comma < 0:
            break
        aside = stretch[comma + 1 : -1]
        first = aside.split(maxsplit=1)[0].lower() if aside.strip() else ""
        if first in cues.CONJUNCTIONS:
            break
        if _NAME.match(aside):
            last = last or floor + len(stretch) - 1
        end = floor + comma
    return end, last


def _last_limit(narrative: str, floor: int, end: int) -> int | None:
    """Offset after the last hard limit before *end*; None if none is near enough."""
    limit = 0 if floor == 0 else None
    for match in _LIMIT.finditer(narrative, floor, end):
        if match.group() != "." or not is_title(narrative[floor : match.start()]):
            limit = match.end()
    return limit
