"""The Python interface: a model and an encoder, loaded once and asked many times."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from claimnli.comparison import Comparison
from claimnli.config import Config
from claimnli.embedding import Encoder, load_encoder
from claimnli.labelling import RelationModel, label_texts
from claimnli.pipeline import check, compare
from claimnli.progress import Progress
from claimnli.records import LabelledPair, ModelInfo, PairLabel
from claimnli.sources import ArticleSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifier:
    """Compares articles, checks a claim against them, labels pairs of texts.

    ``claimnli.load()`` makes one; any encoder and model with the same methods do as well.
    """

    encoder: Encoder
    model: RelationModel
    config: Config = field(default_factory=Config)

    @property
    def info(self) -> ModelInfo:
        """Which model it is, where it was read from and where it runs."""
        return self.model.info

    def label(self, pairs: Sequence[tuple[str, str]]) -> list[PairLabel]:
        """Label pairs of texts, in the order of *pairs*; which text comes first does not matter."""
        return label_texts(pairs, self.model)

    def compare(self, source: ArticleSource, *, progress: Progress | None = None) -> Comparison:
        """Compare the claims of at least two articles.

        *source* is a file or folder, several of them, or Article records. Ctrl-C while pairs are
        labelled returns what was finished, with ``is_complete`` False. Raises ClaimnliError if
        fewer than two articles are found; files that cannot be read are listed in ``failures``.
        """
        return compare(
            source,
            encoder=self.encoder,
            model=self.model,
            config=self.config,
            progress=progress,
        )

    def check(
        self, claim: str, source: ArticleSource, *, progress: Progress | None = None
    ) -> list[LabelledPair]:
        """Find what the articles say for and against *claim*, which is *a* of every pair.

        Agreements and contradictions come first, the most probable first; then the unrelated pairs,
        the most similar first. At most ``pairing.k`` pairs, of at least ``pairing.min_similarity``.
        Raises ClaimnliError if the claim is empty or no article is found.
        """
        result = check(
            claim,
            source,
            encoder=self.encoder,
            model=self.model,
            config=self.config,
            progress=progress,
        )
        return list(result.pairs)


def load(model: str = "auto", *, device: str = "auto", config: Config | None = None) -> Verifier:
    """Load a model and the claim encoder.

    *model* is ``auto`` (base if its weights are there, else mini), ``base``, ``mini``, a folder, or
    a name on the Hugging Face hub; *device* is ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps`` ...
    Where one of them is ``auto``, the value of *config* stands. Raises ClaimnliError if the model
    cannot be found or read.
    """
    # Here and not above: transformers takes seconds to import, and a Verifier can do without.
    from claimnli.nli.model import load_model

    config = config or Config()
    given = {"model": model, "device": device}
    asked = {name: value for name, value in given.items() if value != "auto"}
    config = replace(config, nli=replace(config.nli, **asked))  # type: ignore[arg-type]
    # The model first: it is what can be missing.
    nli_model = load_model(config.nli)
    encoder = load_encoder(nli_model.info.device)
    return Verifier(encoder=encoder, model=nli_model, config=config)
