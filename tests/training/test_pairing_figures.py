import hashlib
import json
from pathlib import Path

import pytest

from claimnli.records import Relation
from claimnli.training.pairing_figures import print_pairing, to_json
from claimnli.training.pairing_recall import CandidateCount, LabelFigures, PairingFigures

FIGURES = PairingFigures(
    n_sentences=1234,
    settings=[
        CandidateCount(k=10, min_similarity=-1.0, n_candidates=7.5),
        CandidateCount(k=10, min_similarity=0.35, n_candidates=6.4),
    ],
    sets={
        "written_pairs": {
            Relation.CONTRADICTION: LabelFigures(
                n_pairs=58,
                median_cosine=0.61,
                low_cosine=0.34,
                recall={"k=10": 0.914, "k=10, cut 0.35": 0.879},
                k_at_fixed_recall=9,
                n_candidates_at_fixed_recall=6.8,
            )
        }
    },
)


def test_a_line_a_label(capsys: pytest.CaptureFixture[str]) -> None:
    print_pairing("embedder", FIGURES, {"snli": 0.9})
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    figures = ["58", "0.914", "0.879", "0.610", "0.340", "9", "6.8"]
    assert ["written_pairs", "contradiction", *figures] in lines
    assert ["1234", "sentences", "candidates", "a", "claim", "7.5", "6.4"] in lines
    assert any(line[:1] == ["snli:"] and line[-1] == "0.900" for line in lines)


def test_the_json_names_the_weights(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    written = json.loads(json.dumps(to_json(tmp_path, FIGURES, {"snli": 0.9})))
    assert written["sha256"] == hashlib.sha256(b"weights").hexdigest()
    assert written["sets"]["written_pairs"]["contradiction"]["recall"]["k=10"] == 0.914
    assert written["entailment_auc"] == {"snli": 0.9}
