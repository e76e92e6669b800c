"""Fine-tuning: mixtures of data sets, stages, distillation, evaluation, model cards."""
