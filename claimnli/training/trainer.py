"""Fine-tuning in stages on the transformers Trainer.

The Trainer brings what every run needs: bf16, accelerate for several GPUs, checkpoints, resuming at
the same step. What is ours is the loss over targets that may be sets, and the order of the stages.
"""

import json
import logging
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import (
    AutoTokenizer,
    DataCollatorWithPadding,
    EarlyStoppingCallback,
    EvalPrediction,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    TrainingArguments,
    set_seed,
)
from transformers.trainer_utils import get_last_checkpoint

from claimnli.errors import ClaimnliError
from claimnli.nli.folding import softmax
from claimnli.training.config import StageConfig, TrainConfig
from claimnli.training.distillation import soften
from claimnli.training.metrics import score
from claimnli.training.mixture import SET_TOTAL, Examples, join, load_dev, load_mixture
from claimnli.training.model import build_model, encoder_place, load_weights, use_bf16

log = logging.getLogger(__name__)


def train(config: TrainConfig) -> Path:
    """Run all stages, and return the folder of the last one's result.

    A stage that is finished is not repeated, and one that was cut off goes on from its last
    checkpoint, so that the same command resumes a killed run.
    """
    set_seed(config.seed)
    output = Path(config.output)
    tokenizer = AutoTokenizer.from_pretrained(encoder_place(config))
    dev = load_dev(config.dev)
    model = build_model(config)
    result = output
    for number, stage in enumerate(config.stages):
        result = output / stage.name
        if _is_finished(result, config, stage):
            log.info("stage %s: finished before", stage.name)
            load_weights(model, result)
            continue
        examples = load_mixture(stage.data, config.seed + number)
        if stage.distill is not None:
            examples = soften(examples, stage.distill, config.max_tokens)
        elif (examples.targets == 1.0).all(axis=1).any():
            raise ClaimnliError(
                f"stage {stage.name}: pairs without labels teach nothing without a teacher",
                mend="Give the stage a distill table, or leave the set out.",
            )
        _train_stage(config, stage, model, tokenizer, examples, dev, result)
    return result


class RelationTrainer(Trainer):
    """A Trainer whose targets are rows of ``mixture.TARGETS``, or a teacher's distribution."""

    def __init__(self, *, compiled: bool, label_smoothing: float, **settings: Any) -> None:
        super().__init__(**settings)
        self._label_smoothing = label_smoothing
        # Beside the model and not in its place: evaluation would compile everything once more.
        # And not on several GPUs, where the gradients are summed by the module around the model.
        is_alone = self.args.world_size == 1
        self._compiled = torch.compile(self.model, dynamic=True) if compiled and is_alone else None

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Any:
        targets = inputs.pop("labels")
        is_compiled = self._compiled is not None and model.training
        forward: Any = self._compiled if is_compiled else model
        outputs = forward(**inputs)
        loss = relation_loss(outputs.logits, targets, self._label_smoothing)
        return (loss, outputs) if return_outputs else loss

    def _get_eval_sampler(self, eval_dataset: Any) -> torch.utils.data.Sampler[int]:
        # The Trainer would group the dev set by length too, and return it in an order of its own.
        return torch.utils.data.SequentialSampler(eval_dataset)


def relation_loss(logits: Tensor, targets: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Mean loss of *logits* (n, 3) against *targets* (n, 3).

    Cross-entropy for a distribution; for a set (a row that sums to more than 1) minus the logarithm
    of the set's probability.
    """
    log_p = torch.log_softmax(logits.float(), dim=-1)
    is_set = targets.sum(dim=-1) > SET_TOTAL
    smooth = targets * (1 - label_smoothing) + label_smoothing / targets.size(-1)
    soft_loss = -(smooth * log_p).sum(dim=-1)
    set_loss = -torch.logsumexp(log_p.masked_fill(targets == 0, -torch.inf), dim=-1)
    return torch.where(is_set, set_loss, soft_loss).mean()


class EncodedPairs(torch.utils.data.Dataset[dict[str, Any]]):
    """Token ids of *examples*, made once."""

    def __init__(
        self, examples: Examples, tokenizer: PreTrainedTokenizerBase, max_tokens: int
    ) -> None:
        encoded = tokenizer(
            examples.premises,
            examples.hypotheses,
            truncation="longest_first",
            max_length=max_tokens,
        )
        self.columns: Mapping[str, Any] = {**encoded, "labels": examples.targets.tolist()}
        self.lengths = [len(ids) for ids in encoded["input_ids"]]
        self.n_at_limit = sum(length == max_tokens for length in self.lengths)
        """Those that were cut, and the few that just fit."""

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, i: int) -> dict[str, Any]:
        return {name: column[i] for name, column in self.columns.items()}


def _train_stage(
    config: TrainConfig,
    stage: StageConfig,
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    examples: Examples,
    dev: dict[str, Examples],
    folder: Path,
) -> None:
    encoded = EncodedPairs(examples, tokenizer, config.max_tokens)
    log.info(
        "stage %s: %d examples, mean %.1f tokens, %d at the limit of %d",
        stage.name, len(encoded), np.mean(encoded.lengths), encoded.n_at_limit, config.max_tokens,
    )  # fmt: skip
    arguments = TrainingArguments(
        output_dir=str(folder / "checkpoints"),
        per_device_train_batch_size=stage.batch_size,
        per_device_eval_batch_size=64,
        learning_rate=stage.learning_rate,
        weight_decay=stage.weight_decay,
        lr_scheduler_type="cosine",
        warmup_steps=stage.warmup_fraction,
        num_train_epochs=1,
        train_sampling_strategy="group_by_length",
        bf16=use_bf16(config),
        use_cpu=not torch.accelerator.is_available(),
        eval_strategy="steps" if stage.keep_best else "no",
        eval_steps=stage.eval_steps,
        save_strategy="steps",
        save_steps=stage.eval_steps,
        save_total_limit=2,
        load_best_model_at_end=stage.keep_best,
        metric_for_best_model="macro_f1",
        logging_steps=max(1, stage.eval_steps // 4),
        seed=config.seed,
        report_to="none",
        label_names=["labels"],
    )
    dev_set = DevSet(dev, tokenizer, config.max_tokens)
    trainer = RelationTrainer(
        compiled=config.compile,
        label_smoothing=stage.label_smoothing,
        model=model,
        args=arguments,
        train_dataset=encoded,
        eval_dataset=dev_set.pairs,
        data_collator=DataCollatorWithPadding(tokenizer),
        compute_metrics=dev_set.metrics,
        callbacks=[EarlyStoppingCallback(stage.patience)] if stage.patience else [],
    )
    started = time.time()
    begun = {n: p.detach().clone() for n, p in _trained(model)} if stage.keep_share else {}
    checkpoint = _last_checkpoint(arguments.output_dir)
    trainer.train(resume_from_checkpoint=checkpoint)
    for name, parameter in _trained(model) if begun else ():
        parameter.data.lerp_(begun[name].to(parameter.device), stage.keep_share)
    trainer.save_model(str(folder))
    if trainer.is_world_process_zero():
        tokenizer.save_pretrained(folder)
        model.config.save_pretrained(folder)
        summary = {
            "settings": _settings(config, stage),
            "n_examples": len(encoded),
            "n_steps": trainer.state.global_step,
            "seconds": round(time.time() - started),
            "best_macro_f1": trainer.state.best_metric,
            "history": trainer.state.log_history,
        }
        (folder / "finished.json").write_text(json.dumps(summary, indent=1))


def _trained(model: nn.Module) -> list[tuple[str, nn.Parameter]]:
    return [(name, p) for name, p in model.named_parameters() if p.requires_grad]


def _settings(config: TrainConfig, stage: StageConfig) -> dict[str, Any]:
    """What a stage's result depends on, apart from the stages before it."""
    later = ("stages", "output", "encoder_name", "average")
    run = {k: v for k, v in asdict(config).items() if k not in later}
    return {"run": run, "stage": asdict(stage)}


def _is_finished(folder: Path, config: TrainConfig, stage: StageConfig) -> bool:
    """Whether *folder* holds the stage's result. Raises ClaimnliError if it is that of other
    settings: going on would pass one run off as another."""
    path = folder / "finished.json"
    if not path.exists():
        return False
    now = json.loads(json.dumps(_settings(config, stage)))
    then = json.loads(path.read_text())["settings"]
    # A setting that did not exist yet was what it is by default.
    then["stage"] = asdict(StageConfig(name="", data=(), learning_rate=0.0)) | then["stage"]
    if then != now:
        raise ClaimnliError(
            f"{folder}: this stage was trained with other settings",
            mend="Give the run another 'output', or delete the folder to train it again.",
        )
    return True


def _last_checkpoint(folder: str | None) -> str | None:
    if folder is None or not Path(folder).is_dir():
        return None
    return get_last_checkpoint(folder)  # type: ignore[no-any-return, no-untyped-call]


class DevSet:
    """All dev sets as one, sorted by length, and the figures of each."""

    def __init__(
        self, dev: dict[str, Examples], tokenizer: PreTrainedTokenizerBase, max_tokens: int
    ) -> None:
        examples = join(list(dev.values()))
        order = np.argsort(EncodedPairs(examples, tokenizer, max_tokens).lengths, kind="stable")
        self.pairs = EncodedPairs(examples.take(order), tokenizer, max_tokens)
        self._gold = examples.gold()[order]
        self._name = np.repeat(list(dev), [len(part) for part in dev.values()])[order]

    def metrics(self, prediction: EvalPrediction) -> dict[str, float]:
        """Macro-F1, accuracy and false contradictions of every set; macro-F1 over all together,
        since the contradictions of one set alone may be too few to choose a checkpoint by."""
        probabilities = softmax(np.asarray(prediction.predictions, dtype=np.float32))
        figures = {}
        for name in sorted(set(self._name)):
            rows = self._name == name
            scores = score(probabilities[rows], self._gold[rows])
            figures[f"{name}_macro_f1"] = scores.macro_f1
            figures[f"{name}_accuracy"] = scores.accuracy
            figures[f"{name}_false_contradictions"] = scores.false_contradiction_rate
        return {"macro_f1": score(probabilities, self._gold).macro_f1, **figures}
