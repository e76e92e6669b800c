"""Words that can name a speaker, and whom a pronoun means."""

import re

from claimnli.claims import cues

_ROLE = re.compile(
    r"\b(?:officials?|police|sources?|spokes\w+|president|minister|chief|general|analysts?|experts?|"
    r"critics|authorities|prosecutors?|residents?|witness(?:es)?|aides?|leaders?|reports?|army|military|"
    r"government|ministry|council|commander|mayor|governor|statement|post|state|company|group|campaign|"
    r"poll|study|survey|lawyers?|attorneys?|judge|union|agency|agencies|commission|committee|senator|"
    r"professor|director|author|man|woman|people|doctors?|diplomats?|troops|forces|"
    r"[a-z]+(?:ers|ors|ists|ians))\b",
    re.IGNORECASE,
)
_MAX_WORDS = 16


def is_title(words: str) -> bool:
    """True if *words* end in what a full stop abbreviates: 'Gen', 'St', an initial."""
    last = words.rsplit(maxsplit=1)[-1:] or [""]
    return len(last[0]) <= 4 and last[0][:1].isupper()


def is_speaker(words: str, *, of_any_verb: bool = False) -> bool:
    """True if *words* look like somebody who can speak.

    With *of_any_verb* a name, a pronoun or a role is asked for, since 'rejected' and 'praised' have
    other subjects than speakers; 'said' needs no more than a noun phrase.
    """
    parts = words.split()
    low = [part.lower() for part in parts]
    if not parts or len(parts) > _MAX_WORDS:
        return False
    if len(parts) == 1 and low[0] in cues.PRONOUNS:
        return True
    if low[0] in cues.PREPOSITIONS or low[-1] in cues.NO_NOUN:
        return False
    if re.split("['’]", low[0])[0] in cues.NO_SPEAKER:  # 'I’ve' too
        return False
    if not cues.STOPS.isdisjoint(low) or any(part.endswith(("n't", "n’t")) for part in low):
        return False
    if low[-1].endswith(("’s", "'s")):
        return False
    if low[-1].endswith("ing") and low[0] not in cues.DETERMINERS:
        return False
    if len(parts) == 1 and low[0] in cues.POSSESSIVES:
        return False
    has_name = any(part[:1].isupper() for part in parts[1:]) or (
        parts[0][:1].isupper() and low[0] not in cues.DETERMINERS
    )
    if has_name or _ROLE.search(words):
        return True
    is_plain = low[-1].endswith("s") or (len(parts) > 1 and low[0] in cues.DETERMINERS)
    return is_plain and not of_any_verb


_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Gen|Sen|Rep|Gov|Sir|[Pp]resident|[Cc]hief of (?:[Gg]eneral )?[Ss]taff|"
    r"[Mm]inister|[Ss]pokes(?:man|woman|person)|[Ll]eader|[Cc]hief|[Gg]eneral|[Cc]ommander|[Mm]ayor|"
    r"[Gg]overnor|[Dd]irector|[Oo]fficial|[Cc]hancellor|[Ss]ecretary|[Aa]mbassador|[Aa]nalyst|[Ee]xpert|"
    r"[Ss]enator|[Pp]rofessor|[Ll]awyer|[Aa]ttorney|[Pp]rosecutor|[Ww]itness|man|woman)\b(?!['’]s)"
)
_GROUP = re.compile(
    r"\b(?:army|military|ministry|government|police|command|forces|staff|kremlin|house|side|council|"
    r"office|department|agency|agencies|company|group|party|union|nato|un|court|intelligence|bank|"
    r"campaign|committee|commission|media|service|administration|authorities|team|club|university|"
    r"moscow|kyiv|kiev|beijing|washington|brussels|berlin|paris|london|tehran|ankara|pyongyang|seoul|"
    r"tokyo|russia|ukraine|china|us|u\.s|america|britain|uk|eu|france|germany|italy|spain|poland|turkey|"
    r"iran|israel|hamas|india|pakistan|japan|korea|belarus|hungary|canada|mexico|syria|egypt|qatar)$|"
    r"^(?:the .*[^s]s|[\w ]*[a-z]{2,}s)$",
    re.IGNORECASE,
)
_MEDIUM = re.compile(r"(?:the|this|its|his|her|their) (?:post|statement|message|letter)$", re.I)
_MALE, _FEMALE = re.compile(r"\bMr\b|\b\w+man\b"), re.compile(r"\b(?:Mrs|Ms)\b|\b\w+woman\b")
_CAPITALISED = re.compile(r"\b[A-Z][\w’'-]+")
_MAX_DISTANCE = 2
"""Sentences that a pronoun looks back; further off its meaning is a guess."""


def kind_of(speaker: str) -> str:
    """``person`` or ``group`` (an institution, a country, several people)."""
    if re.search(r"\w{3,}(?<!s)s$", speaker.split()[-1]) and speaker.split()[-1].islower():
        return "group"
    if _PERSON.search(speaker):
        return "person"
    return "group" if _GROUP.search(speaker) or speaker[:4].lower() == "the " else "person"


class Speakers:
    """Remembers who spoke last in an article, and says whom 'he', 'they' or 'the post' means."""

    def __init__(self) -> None:
        self._last: str | None = None
        self._since: list[str] = []
        """The sentences after the one in which *_last* spoke."""

    def resolve(self, speaker: str, narrative: str) -> str:
        """The named speaker whom *speaker* means, or *speaker* itself if that is not safe.

        *narrative* is the sentence without what stands between quotation marks.
        """
        last = self._last
        if last is None or len(self._since) >= _MAX_DISTANCE:
            return speaker
        low = speaker.lower()
        if low in ("he", "she"):
            wrong = _FEMALE if low == "he" else _MALE
            fits = kind_of(last) == "person" and not wrong.search(last)
        elif low in ("they", "it"):
            fits = kind_of(last) == "group"
        elif _MEDIUM.match(speaker):
            fits = True
        else:
            return last if _is_short_for(low, last.lower()) else speaker
        return last if fits and not self._others_named(speaker, narrative, last) else speaker

    def note(self, narrative: str, speaker: str | None) -> None:
        """Go on past the sentence *narrative*, whose speaker, as resolved, was *speaker*."""
        if speaker is None:
            if len(self._since) < _MAX_DISTANCE:
                self._since.append(narrative)
        else:
            named = speaker.lower() not in cues.PRONOUNS
            self._last, self._since = (speaker if named else None), []

    def _others_named(self, pronoun: str, narrative: str, last: str) -> bool:
        """True if somebody else is named between *last* and the pronoun."""
        before = narrative[: narrative.find(pronoun)]
        between = [match.group() for match in _CAPITALISED.finditer(before) if match.start()]
        for passed in self._since:
            between += [match.group() for match in _CAPITALISED.finditer(passed)]
        return any(name not in last and name.lower() not in cues.LEADS for name in between)


def _is_short_for(short: str, full: str) -> bool:
    """'the General Staff' for 'the General Staff of the Armed Forces of Ukraine'."""
    words = short.split()
    return (
        1 < len(words) < 5
        and words[0] == "the"
        and len(full.split()) > len(words)
        and f" {' '.join(words[1:])} " in f" {full} "
    )
