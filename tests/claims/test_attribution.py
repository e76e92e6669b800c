import pytest

from claimnli.claims.attribution import attribute


@pytest.mark.parametrize(
    ("sentence", "speaker", "cue"),
    [
        ("Putin told Gerasimov that it was over.", "Putin", "told"),
        ("“It is over,” Mr Putin told Mr Gerasimov.", "Mr Putin", "told"),
        ("“It is over,” said Valery Gerasimov.", "Valery Gerasimov", "said"),
        ("“It is over,” said the chief of staff in a post.", "the chief of staff", "said"),
        (
            "The town fell, Gen. Jane Doe said on Saturday, calling it a day.",
            "Gen. Jane Doe",
            "said",
        ),
        ("The town fell, officials in Kyiv said.", "officials in Kyiv", "said"),
        ("The town fell, said Jane Doe, who was there.", "Jane Doe", "said"),
        ("The Kremlin on Saturday also said Putin was ready.", "The Kremlin", "said"),
        ("Russia has announced that it won.", "Russia", "has announced"),
        ("Last month, Russia announced that it won.", "Russia", "announced"),
        ("As troops left, Zelensky said it was done.", "Zelensky", "said"),
        ("Ukraine claims it has captured soldiers.", "Ukraine", "claims"),
        ("They insist that the town holds.", "They", "insist"),
        ("Reports suggest that 10,000 were sent.", "Reports", "suggest"),
        ("The poll found that most agree.", "The poll", "found"),
        ("According to exit polls, Trump leads.", "exit polls", "According to"),
        ("Troops were sent, according to officials.", "officials", "according to"),
        ("Ukrainian officials quickly refused the claim.", "Ukrainian officials", "refused"),
        ("Ukraine pushed back on the claims, calling them lies.", "Ukraine", "pushed back on"),
        (
            "Ukraine’s military command, however, disputed Russia’s claim.",
            "Ukraine’s military command",
            "disputed",
        ),
        (
            "Russia’s military general staff, Valery Gerasimov, praised the soldiers.",
            "Russia’s military general staff, Valery Gerasimov",
            "praised",
        ),
        ("Putin, who has ruled since 2000, denied it.", "Putin", "denied"),
        ("Rep. Jim Jordan (R-Ohio) said it was late.", "Rep. Jim Jordan (R-Ohio)", "said"),
        (
            "This claim was made by Russia’s chief of staff, Valery Gerasimov, on Friday.",
            "Russia’s chief of staff, Valery Gerasimov",
            "made by",
        ),
        ("But shortly after the army denied it, saying it held.", "the army", "denied"),
        ("Russia said it won, but Kyiv denied it.", "Russia", "said"),
        ("Clinton told police to go, but they stayed, the source added.", "the source", "added"),
    ],
)
def test_who_says_it(sentence: str, speaker: str, cue: str) -> None:
    found = attribute(sentence)
    assert found is not None
    assert (found.speaker, found.cue) == (speaker, cue)
    assert found.speaker in sentence
    assert found.cue in sentence


@pytest.mark.parametrize(
    "sentence",
    [
        "The Russian army is now on the border.",
        "Officials did not say when it began.",
        "Kyiv declined to say how many fell.",
        "Putin was told of the loss.",
        "The area claimed by Russia is large.",
        "The news of Kursk's claimed recapture came late.",
        "Russia is expected to announce a truce.",
        "Kyiv has consistently pushed back against efforts to take the town.",
        "The army took the town, but Ukraine denied the claim.",
        "The “loopholes” he cited are old.",
        "“Putin told me that it was over.”",
        "The heat added to the misery.",
        "If Kyiv rejected the plan, war would go on.",
        "Fighting resumed according to plan.",
        "",
    ],
)
def test_silence_rather_than_a_wrong_speaker(sentence: str) -> None:
    assert attribute(sentence) is None
